using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>What the header of a packed blob says, once checked. Packed blobs come from files and are not trusted.</summary>
/// <param name="Format">The packed format.</param>
/// <param name="Outputs">Rows of the weight matrix (N).</param>
/// <param name="Inputs">Columns of the weight matrix (K).</param>
/// <param name="Counts">Stored items; the rest of the matrix is zero.</param>
/// <param name="Bytes">Length of the blob.</param>
public sealed record PackedWeights(PackedFormat Format, int Outputs, int Inputs, PackedCounts Counts, int Bytes)
{
    /// <summary>Reads and checks the header against the blob's length. Says nothing about the sections: see <see cref="Validate"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a packed blob of a version and format known here.</exception>
    public static PackedWeights Read(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < PackedLayout.HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(blob) != PackedHeader.Magic)
            throw new InvalidDataException("The bytes are not PruneBuild packed weights.");
        int version = BinaryPrimitives.ReadUInt16LittleEndian(blob[4..]);
        if (version != PackedHeader.Version)
            throw new InvalidDataException($"The packed weights have version {version}; this runtime reads version {PackedHeader.Version}.");
        int id = BinaryPrimitives.ReadUInt16LittleEndian(blob[6..]);
        var format = PackedFormats.Find(id) ?? throw new InvalidDataException($"The packed weights have the unknown format {id}.");

        var outputs = BinaryPrimitives.ReadUInt32LittleEndian(blob[8..]);
        var inputs = BinaryPrimitives.ReadUInt32LittleEndian(blob[12..]);
        var counts = new PackedCounts(BinaryPrimitives.ReadUInt32LittleEndian(blob[16..]), BinaryPrimitives.ReadUInt32LittleEndian(blob[20..]));
        if (outputs is 0 or > int.MaxValue - 1024 || inputs == 0 || inputs > format.MaxInputs || counts.Items > int.MaxValue || counts.Overflow > int.MaxValue)
            throw new InvalidDataException($"The packed weights claim an impossible shape: {outputs} x {inputs}, {counts.Items} items, {counts.Overflow} beside.");
        var most = format.MaxCounts((int)outputs, (int)inputs);
        if (counts.Items > most.Items || counts.Overflow > most.Overflow)
            throw new InvalidDataException($"The packed weights claim {counts.Items} items and {counts.Overflow} beside, more than {outputs} x {inputs} holds.");
        var layout = PackedLayout.Of(format, (int)outputs, (int)inputs, counts);
        if (layout.TotalBytes != blob.Length || BinaryPrimitives.ReadUInt32LittleEndian(blob[PackedHeader.TotalAt..]) != blob.Length)
            throw new InvalidDataException($"The packed weights are {blob.Length} bytes long; their header implies {layout.TotalBytes}.");
        for (var section = 0; section < PackedLayout.MaxSections; section++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(blob[(PackedHeader.OffsetsAt + section * sizeof(uint))..]) != layout.Offset(section))
                throw new InvalidDataException("The packed weights have a section at the wrong offset.");
        }

        if (blob[PackedHeader.ReservedAt..PackedHeader.ChecksumAt].ContainsAnyExcept((byte)0))
            throw new InvalidDataException("The packed weights use header fields this runtime does not know.");
        return new(format, (int)outputs, (int)inputs, counts, blob.Length);
    }

    /// <summary>Checks everything a kernel relies on: header, checksum and the contents of every section. One pass over the blob.</summary>
    /// <exception cref="InvalidDataException">The blob is damaged, or was built to deceive.</exception>
    public static PackedWeights Validate(ReadOnlySpan<byte> blob)
    {
        var packed = Read(blob);
        if (BinaryPrimitives.ReadUInt32LittleEndian(blob[PackedHeader.ChecksumAt..]) != PackedHeader.Checksum(blob))
            throw new InvalidDataException("The packed weights are damaged: the checksum does not match.");
        packed.Format.ValidateSections(blob, packed);
        return packed;
    }

    internal PackedLayout Layout => PackedLayout.Of(Format, Outputs, Inputs, Counts);

    /// <summary>A section as elements of one type.</summary>
    internal ReadOnlySpan<T> Section<T>(ReadOnlySpan<byte> blob, int section) where T : unmanaged
    {
        var layout = Layout;
        return MemoryMarshal.Cast<byte, T>(blob.Slice((int)layout.Offset(section), (int)layout.Length(section)));
    }
}
