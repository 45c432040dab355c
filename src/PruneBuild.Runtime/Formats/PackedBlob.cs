using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>A blob under construction.</summary>
internal sealed class PackedBlob
{
    private readonly PackedFormat format;
    private readonly int outputs;
    private readonly int inputs;
    private readonly PackedCounts counts;
    private readonly PackedLayout layout;
    private readonly byte[] bytes;

    /// <exception cref="ArgumentException">The blob would not fit in a byte array.</exception>
    public PackedBlob(PackedFormat format, int outputs, int inputs, PackedCounts counts)
    {
        (this.format, this.outputs, this.inputs, this.counts) = (format, outputs, inputs, counts);
        layout = PackedLayout.Of(format, outputs, inputs, counts);
        if (layout.TotalBytes > Array.MaxLength)
            throw new ArgumentException($"{outputs} x {inputs} as '{format.Name}' needs {layout.TotalBytes} bytes, more than one blob holds.");
        bytes = new byte[layout.TotalBytes];
    }

    /// <summary>A section to fill.</summary>
    public Span<T> Section<T>(int section) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(bytes.AsSpan((int)layout.Offset(section), (int)layout.Length(section)));

    /// <summary>The finished blob, header and checksum written.</summary>
    public byte[] Finish()
    {
        PackedHeader.Write(bytes, format, outputs, inputs, counts);
        return bytes;
    }
}
