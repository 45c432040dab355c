namespace PruneBuild.Runtime;

/// <summary>
/// Everything a kernel reads and writes during one multiplication. Kernels see whole groups of outputs only, except those that
/// take panels of activations. A format sets the fields that its kernels read.
/// </summary>
internal unsafe struct SparseJob
{
    /// <summary>[groups + 1] first stored unit of each group.</summary>
    public uint* GroupStarts;

    /// <summary>[items] index of each stored unit.</summary>
    public ushort* Indices;

    /// <summary>[groups, blocks, outputs of a group] non-zeros of an output in a block of inputs; CSR formats.</summary>
    public ushort* BlockCounts;

    /// <summary>Stored weights.</summary>
    public byte* Values;

    /// <summary>Positions of stored weights, or what else a format keeps beside its values.</summary>
    public byte* Metadata;

    /// <summary>[groups + 1] first run of each group; int4 formats.</summary>
    public uint* RunStarts;

    /// <summary>[runs, 8] integer scales; int4 formats.</summary>
    public short* RunScales;

    /// <summary>[groups + 1] first overflowing weight of each group.</summary>
    public uint* OverflowStarts;

    /// <summary>Weights outside the pattern's slots.</summary>
    public uint* Overflow;

    /// <summary>[groups · 8] scales of integer weights.</summary>
    public float* OutputScales;

    /// <summary>[groups · 8] minus the zero point times the sum of an output's integers; where activations are quantized.</summary>
    public int* ZeroPointSums;

    /// <summary>[units] elements from a row's start to a unit; null when units follow each other.</summary>
    public int* Offsets;

    /// <summary>Rows of floats, or panels of them: see <see cref="ActivationLayout"/>.</summary>
    public float* X;
    public nint XStride;

    /// <summary>[rows] of QuantizedStride bytes, padded to whole units with the zero point.</summary>
    public byte* Quantized;
    public nint QuantizedStride;

    /// <summary>[rows] scales of quantized rows.</summary>
    public float* RowScales;

    /// <summary>[outputs] or null; behind the last output zeros up to the whole group.</summary>
    public float* Bias;
    public bool Relu;

    /// <summary>[rows] of YStride floats.</summary>
    public float* Y;
    public nint YStride;

    public int Outputs;
    public int Inputs;
}
