using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 8 outputs by 4 inputs, int8, one float scale per output: the latency format of int8 block sparsity.
/// A block is stored when any of its 32 weights is non-zero. Activations are quantized per row to 7 unsigned bits
/// (<see cref="ActivationQuantizer"/>), so that every dot instruction, saturating or not, gives the same integers.
/// </summary>
public static class Block8x4Int8
{
    /// <summary>The name in node attributes and manifests.</summary>
    public const string Name = "block8x4.int8";

    /// <summary>The format's facts. 16-bit indexes of 4 inputs each reach 262,144 inputs.</summary>
    public static PackedFormat Format { get; } = new(Name, Id: 1, InputsPerBlock: 4, MaxInputs: 4 * 65536, IsQuantized: true);

    /// <summary>Bytes of a packed matrix of that shape with that many stored blocks.</summary>
    public static long PackedSize(int outputs, int inputs, long blocks) => PackedLayout.Of(Format, outputs, inputs, blocks).TotalBytes;

    /// <summary>How many blocks <see cref="Pack"/> would store.</summary>
    /// <param name="weights">[outputs, inputs], row-major.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    public static int CountBlocks(ReadOnlySpan<sbyte> weights, int outputs, int inputs) =>
        BlockIndex.Find(weights, Format, outputs, inputs).Indices.Length;

    /// <summary>Packs quantized weights into the bytes the kernels read.</summary>
    /// <param name="weights">[outputs, inputs], row-major; real weight = weight × scale of its output.</param>
    /// <param name="scales">[outputs], finite.</param>
    /// <param name="outputs">Rows; need not be a multiple of 8.</param>
    /// <param name="inputs">Columns, at most 262,144; need not be a multiple of 4.</param>
    /// <exception cref="ArgumentException">A length or limit is not met.</exception>
    public static byte[] Pack(ReadOnlySpan<sbyte> weights, ReadOnlySpan<float> scales, int outputs, int inputs)
    {
        var index = BlockIndex.Find(weights, Format, outputs, inputs);
        if (scales.Length != outputs)
            throw new ArgumentException($"Expected {outputs} scales, got {scales.Length}.", nameof(scales));
        foreach (var scale in scales)
        {
            if (!float.IsFinite(scale))
                throw new ArgumentException("Every scale must be finite.", nameof(scales));
        }

        var blob = PackedWriter.Begin(Format, outputs, inputs, index, out var layout);
        var blocks = MemoryMarshal.Cast<byte, sbyte>(blob.AsSpan((int)layout.Blocks));
        for (var group = 0; group < layout.Groups; group++)
        {
            for (var i = (int)index.GroupStarts[group]; i < index.GroupStarts[group + 1]; i++)
                PackedWriter.CopyBlock(weights, blocks.Slice(i * PackedFormat.BlockBytes, PackedFormat.BlockBytes), group, index.Indices[i], outputs, inputs, 4);
        }

        scales.CopyTo(MemoryMarshal.Cast<byte, float>(blob.AsSpan((int)layout.OutputScales)));
        var sums = MemoryMarshal.Cast<byte, int>(blob.AsSpan((int)layout.ZeroPointSums));
        for (var output = 0; output < outputs; output++)
        {
            var sum = 0;
            foreach (var weight in weights.Slice(output * inputs, inputs))
                sum += weight;
            sums[output] = -ActivationQuantizer.ZeroPoint * sum;
        }

        PackedHeader.Write(blob, Format, outputs, inputs, index.Indices.Length);
        return blob;
    }

    /// <summary>The dense weights [outputs, inputs] and scales [outputs] of a packed blob.</summary>
    /// <exception cref="InvalidDataException">The blob is not valid.</exception>
    public static (sbyte[] Weights, float[] Scales) Unpack(ReadOnlySpan<byte> blob)
    {
        var packed = Require(blob);
        var layout = packed.Layout;
        var weights = new sbyte[(long)packed.Outputs * packed.Inputs];
        var blocks = MemoryMarshal.Cast<byte, sbyte>(blob[(int)layout.Blocks..]);
        var starts = packed.GroupStarts(blob);
        var indices = packed.Indices(blob);
        for (var group = 0; group < layout.Groups; group++)
        {
            for (var i = (int)starts[group]; i < starts[group + 1]; i++)
                PackedWriter.RestoreBlock(blocks.Slice(i * PackedFormat.BlockBytes, PackedFormat.BlockBytes), weights, group, indices[i], packed.Outputs, packed.Inputs, 4);
        }

        return (weights, packed.OutputScales(blob)[..packed.Outputs].ToArray());
    }

    /// <summary>The scalar definition of the product: y = act(x · Wᵀ + bias). Every kernel gives exactly these bits.</summary>
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
        var (weights, scales) = Unpack(blob);
        var quantized = new byte[packed.Inputs];
        for (var row = 0; row < rows; row++)
        {
            var target = y.Slice(row * packed.Outputs, packed.Outputs);
            if (!ActivationQuantizer.QuantizeScalar(x.Slice(row * packed.Inputs, packed.Inputs), quantized, out var rowScale))
            {
                target.Fill(float.NaN);
                continue;
            }

            for (var output = 0; output < packed.Outputs; output++)
            {
                var sum = 0;
                for (var input = 0; input < packed.Inputs; input++)
                    sum += (quantized[input] - ActivationQuantizer.ZeroPoint) * weights[output * packed.Inputs + input];
                var value = rowScale * (sum * scales[output]);
                target[output] = activation.Apply(bias.IsEmpty ? value : value + bias[output]);
            }
        }
    }

    private static PackedWeights Require(ReadOnlySpan<byte> blob)
    {
        var packed = PackedWeights.Validate(blob);
        return packed.Format == Format ? packed : throw new InvalidDataException($"The packed weights are '{packed.Format.Name}', not '{Name}'.");
    }
}
