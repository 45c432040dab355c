using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>What the header of a packed blob says, once checked. Packed blobs come from files and are not trusted.</summary>
/// <param name="Format">The packed format.</param>
/// <param name="Outputs">Rows of the weight matrix (N).</param>
/// <param name="Inputs">Columns of the weight matrix (K).</param>
/// <param name="Blocks">Stored blocks; the rest of the matrix is zero.</param>
/// <param name="Bytes">Length of the blob.</param>
public sealed record PackedWeights(PackedFormat Format, int Outputs, int Inputs, int Blocks, int Bytes)
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
        var format = PackedFormat.Find(id) ?? throw new InvalidDataException($"The packed weights have the unknown format {id}.");

        var outputs = BinaryPrimitives.ReadUInt32LittleEndian(blob[8..]);
        var inputs = BinaryPrimitives.ReadUInt32LittleEndian(blob[12..]);
        var blocks = BinaryPrimitives.ReadUInt32LittleEndian(blob[16..]);
        if (outputs is 0 or > int.MaxValue - 8 || inputs == 0 || inputs > format.MaxInputs || blocks > int.MaxValue)
            throw new InvalidDataException($"The packed weights claim an impossible shape: {outputs} x {inputs}, {blocks} blocks.");
        var layout = PackedLayout.Of(format, (int)outputs, (int)inputs, blocks);
        if (blocks > (long)layout.Groups * layout.UnitsPerRow)
            throw new InvalidDataException($"The packed weights claim {blocks} blocks, more than {outputs} x {inputs} holds.");
        if (layout.TotalBytes != blob.Length || BinaryPrimitives.ReadUInt32LittleEndian(blob[20..]) != blob.Length)
            throw new InvalidDataException($"The packed weights are {blob.Length} bytes long; their header implies {layout.TotalBytes}.");
        for (var i = 0; i < PackedHeader.OffsetCount; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(blob[(PackedHeader.OffsetsAt + i * sizeof(uint))..]) != PackedHeader.Offsets(layout)[i])
                throw new InvalidDataException("The packed weights have a section at the wrong offset.");
        }

        if (blob[PackedHeader.ReservedAt..PackedHeader.ChecksumAt].ContainsAnyExcept((byte)0))
            throw new InvalidDataException("The packed weights use header fields this runtime does not know.");
        return new(format, (int)outputs, (int)inputs, (int)blocks, blob.Length);
    }

    /// <summary>Checks everything a kernel relies on: header, checksum, group starts and block indexes. One pass over the blob.</summary>
    /// <exception cref="InvalidDataException">The blob is damaged, or was built to deceive.</exception>
    public static PackedWeights Validate(ReadOnlySpan<byte> blob)
    {
        var packed = Read(blob);
        if (BinaryPrimitives.ReadUInt32LittleEndian(blob[PackedHeader.ChecksumAt..]) != PackedHeader.Checksum(blob))
            throw new InvalidDataException("The packed weights are damaged: the checksum does not match.");

        var layout = packed.Layout;
        var starts = packed.GroupStarts(blob);
        var indices = packed.Indices(blob);
        if (starts[0] != 0 || starts[^1] != packed.Blocks)
            throw new InvalidDataException("The packed weights have group starts that do not cover the blocks.");
        for (var group = 0; group < layout.Groups; group++)
        {
            uint start = starts[group], end = starts[group + 1];
            if (start > end || end > packed.Blocks)
                throw new InvalidDataException($"The packed weights have decreasing group starts at group {group}.");
            var previous = -1;
            foreach (var index in indices[(int)start..(int)end])
            {
                if (index <= previous || index >= layout.UnitsPerRow)
                    throw new InvalidDataException($"The packed weights have a block index out of order or range in group {group}.");
                previous = index;
            }
        }

        foreach (var scale in packed.OutputScales(blob))
        {
            if (!float.IsFinite(scale))
                throw new InvalidDataException("The packed weights have a scale that is not finite.");
        }

        return packed;
    }

    internal PackedLayout Layout => PackedLayout.Of(Format, Outputs, Inputs, Blocks);

    internal ReadOnlySpan<uint> GroupStarts(ReadOnlySpan<byte> blob) =>
        MemoryMarshal.Cast<byte, uint>(blob[(int)Layout.GroupStarts..])[..(Layout.Groups + 1)];

    internal ReadOnlySpan<ushort> Indices(ReadOnlySpan<byte> blob) =>
        MemoryMarshal.Cast<byte, ushort>(blob[(int)Layout.Indices..])[..Blocks];

    internal ReadOnlySpan<float> OutputScales(ReadOnlySpan<byte> blob) =>
        MemoryMarshal.Cast<byte, float>(blob[(int)Layout.OutputScales..])[..(Format.IsQuantized ? Layout.Groups * PackedFormat.OutputsPerBlock : 0)];

    internal ReadOnlySpan<int> ZeroPointSums(ReadOnlySpan<byte> blob) =>
        MemoryMarshal.Cast<byte, int>(blob[(int)Layout.ZeroPointSums..])[..(Format.IsQuantized ? Layout.Groups * PackedFormat.OutputsPerBlock : 0)];
}
