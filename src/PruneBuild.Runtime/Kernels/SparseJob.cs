namespace PruneBuild.Runtime;

/// <summary>Everything a kernel reads and writes during one multiplication. Kernels see whole groups of 8 outputs only.</summary>
internal unsafe struct SparseJob
{
    /// <summary>[groups + 1] first block of each group.</summary>
    public uint* GroupStarts;

    /// <summary>[blocks] index of each block: its input, or its quad of inputs.</summary>
    public ushort* Indices;

    /// <summary>[blocks] of 32 bytes.</summary>
    public byte* Blocks;

    /// <summary>[groups · 8] int8 formats only.</summary>
    public float* OutputScales;

    /// <summary>[groups · 8] minus the zero point times the sum of an output's weights; int8 formats only.</summary>
    public int* ZeroPointSums;

    /// <summary>[rows] of XStride floats.</summary>
    public float* X;
    public nint XStride;

    /// <summary>[rows] of QuantizedStride bytes; int8 formats only.</summary>
    public byte* Quantized;
    public nint QuantizedStride;

    /// <summary>[rows] int8 formats only.</summary>
    public float* RowScales;

    /// <summary>[outputs] or null.</summary>
    public float* Bias;
    public bool Relu;

    /// <summary>[rows] of YStride floats.</summary>
    public float* Y;
    public nint YStride;
}
