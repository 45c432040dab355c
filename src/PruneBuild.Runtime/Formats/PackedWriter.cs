using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>Allocates a blob and writes the parts that every format shares.</summary>
internal static class PackedWriter
{
    /// <summary>A blob with group starts and indexes written. The caller fills blocks (and scales), then calls <see cref="PackedHeader.Write"/>.</summary>
    /// <exception cref="ArgumentException">The blob would not fit in a byte array.</exception>
    public static byte[] Begin(PackedFormat format, int outputs, int inputs, BlockIndex index, out PackedLayout layout)
    {
        layout = PackedLayout.Of(format, outputs, inputs, index.Indices.Length);
        if (layout.TotalBytes > Array.MaxLength)
            throw new ArgumentException($"{outputs} x {inputs} with {index.Indices.Length} blocks needs {layout.TotalBytes} bytes, more than one blob holds.");
        var blob = new byte[layout.TotalBytes];
        MemoryMarshal.AsBytes<uint>(index.GroupStarts).CopyTo(blob.AsSpan((int)layout.GroupStarts));
        MemoryMarshal.AsBytes<ushort>(index.Indices).CopyTo(blob.AsSpan((int)layout.Indices));
        return blob;
    }

    /// <summary>Copies one block between a row-major matrix and its stored order: output after output, each with its inputs.</summary>
    public static void CopyBlock<T>(ReadOnlySpan<T> weights, Span<T> block, int group, int unit, int outputs, int inputs, int inputsPerBlock)
    {
        var input = unit * inputsPerBlock;
        var width = Math.Min(inputsPerBlock, inputs - input);
        for (var i = 0; i < PackedFormat.OutputsPerBlock && group * PackedFormat.OutputsPerBlock + i < outputs; i++)
            weights.Slice((group * PackedFormat.OutputsPerBlock + i) * inputs + input, width).CopyTo(block[(i * inputsPerBlock)..]);
    }

    /// <summary>The inverse of <see cref="CopyBlock{T}"/>.</summary>
    public static void RestoreBlock<T>(ReadOnlySpan<T> block, Span<T> weights, int group, int unit, int outputs, int inputs, int inputsPerBlock)
    {
        var input = unit * inputsPerBlock;
        var width = Math.Min(inputsPerBlock, inputs - input);
        for (var i = 0; i < PackedFormat.OutputsPerBlock && group * PackedFormat.OutputsPerBlock + i < outputs; i++)
            block.Slice(i * inputsPerBlock, width).CopyTo(weights[((group * PackedFormat.OutputsPerBlock + i) * inputs + input)..]);
    }
}
