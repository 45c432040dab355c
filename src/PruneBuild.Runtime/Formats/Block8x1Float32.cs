using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 8 outputs by 1 input, float32: block sparsity without any quantization.
/// A block is stored when any of its 8 weights is non-zero (NaN counts as non-zero).
/// </summary>
public static class Block8x1Float32
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string Name = "block8x1.float32";

    /// <summary>The format's facts. 16-bit indexes reach 65,536 inputs; wider layers are refused, since 32-bit indexes would cost every layer 6 % more bytes.</summary>
    public static PackedFormat Format { get; } = new(Name, Id: 2, InputsPerBlock: 1, MaxInputs: 65536, IsQuantized: false);

    /// <summary>Bytes of a packed matrix of that shape with that many stored blocks.</summary>
    public static long PackedSize(int outputs, int inputs, long blocks) => PackedLayout.Of(Format, outputs, inputs, blocks).TotalBytes;

    /// <summary>How many blocks <see cref="Pack"/> would store.</summary>
    /// <param name="weights">[outputs, inputs], row-major.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    public static int CountBlocks(ReadOnlySpan<float> weights, int outputs, int inputs) =>
        BlockIndex.Find(weights, Format, outputs, inputs).Indices.Length;

    /// <summary>Packs weights into the bytes the kernels read.</summary>
    /// <param name="weights">[outputs, inputs], row-major.</param>
    /// <param name="outputs">Rows; need not be a multiple of 8.</param>
    /// <param name="inputs">Columns, at most 65,536.</param>
    /// <exception cref="ArgumentException">A length or limit is not met.</exception>
    public static byte[] Pack(ReadOnlySpan<float> weights, int outputs, int inputs)
    {
        var index = BlockIndex.Find(weights, Format, outputs, inputs);
        var blob = PackedWriter.Begin(Format, outputs, inputs, index, out var layout);
        var blocks = MemoryMarshal.Cast<byte, float>(blob.AsSpan((int)layout.Blocks));
        for (var group = 0; group < layout.Groups; group++)
        {
            for (var i = (int)index.GroupStarts[group]; i < index.GroupStarts[group + 1]; i++)
                PackedWriter.CopyBlock(weights, blocks.Slice(i * 8, 8), group, index.Indices[i], outputs, inputs, 1);
        }

        PackedHeader.Write(blob, Format, outputs, inputs, index.Indices.Length);
        return blob;
    }

    /// <summary>The dense weights [outputs, inputs] of a packed blob.</summary>
    /// <exception cref="InvalidDataException">The blob is not valid.</exception>
    public static float[] Unpack(ReadOnlySpan<byte> blob)
    {
        var packed = Require(blob);
        var layout = packed.Layout;
        var weights = new float[(long)packed.Outputs * packed.Inputs];
        var blocks = MemoryMarshal.Cast<byte, float>(blob[(int)layout.Blocks..]);
        var starts = packed.GroupStarts(blob);
        var indices = packed.Indices(blob);
        for (var group = 0; group < layout.Groups; group++)
        {
            for (var i = (int)starts[group]; i < starts[group + 1]; i++)
                PackedWriter.RestoreBlock(blocks.Slice(i * 8, 8), weights, group, indices[i], packed.Outputs, packed.Inputs, 1);
        }

        return weights;
    }

    /// <summary>
    /// The scalar definition of the product: y = act(x · Wᵀ + bias). An output's stored blocks are summed in four interleaved
    /// chains of fused multiply-adds, then (c0 + c1) + (c2 + c3). Kernels on CPUs with FMA give exactly these bits.
    /// </summary>
    /// <param name="blob">A packed blob.</param>
    /// <param name="x">[rows, inputs], row-major.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="bias">[outputs], or empty.</param>
    /// <param name="activation">Applied last.</param>
    /// <param name="y">[rows, outputs], row-major, written. A row of x with a NaN or an infinity gives NaN throughout.</param>
    /// <exception cref="InvalidDataException">The blob is not valid.</exception>
    public static void Reference(ReadOnlySpan<byte> blob, ReadOnlySpan<float> x, int rows, ReadOnlySpan<float> bias, SparseActivation activation, Span<float> y)
    {
        var packed = Require(blob);
        var blocks = MemoryMarshal.Cast<byte, float>(blob[(int)packed.Layout.Blocks..]);
        var starts = packed.GroupStarts(blob);
        var indices = packed.Indices(blob);
        Span<float> chains = stackalloc float[4];
        for (var row = 0; row < rows; row++)
        {
            var source = x.Slice(row * packed.Inputs, packed.Inputs);
            var finite = ActivationQuantizer.IsFinite(source);
            for (var output = 0; output < packed.Outputs; output++)
            {
                int start = (int)starts[output / 8], end = (int)starts[output / 8 + 1];
                chains.Clear();
                for (var i = start; i < end; i++)
                    chains[(i - start) % 4] = MathF.FusedMultiplyAdd(source[indices[i]], blocks[i * 8 + output % 8], chains[(i - start) % 4]);
                var value = chains[0] + chains[1] + (chains[2] + chains[3]);
                y[row * packed.Outputs + output] = finite ? activation.Apply(bias.IsEmpty ? value : value + bias[output]) : float.NaN;
            }
        }
    }

    private static PackedWeights Require(ReadOnlySpan<byte> blob)
    {
        var packed = PackedWeights.Validate(blob);
        return packed.Format == Format ? packed : throw new InvalidDataException($"The packed weights are '{packed.Format.Name}', not '{Name}'.");
    }
}
