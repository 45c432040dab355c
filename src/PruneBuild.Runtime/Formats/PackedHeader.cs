using System.Buffers.Binary;
using System.Numerics;

namespace PruneBuild.Runtime;

/// <summary>
/// The first 64 bytes of a packed blob, little-endian:
/// u32 magic, u16 version, u16 format, u32 outputs, u32 inputs, u32 blocks, u32 total bytes,
/// u32 offsets of group starts, indexes, blocks, scales, zero-point sums, 16 zero bytes, u32 CRC-32C of all other bytes.
/// </summary>
internal static class PackedHeader
{
    public const uint Magic = 0x57534250; // "PBSW"
    public const int Version = 1;
    public const int OffsetsAt = 24;
    public const int OffsetCount = 5;
    public const int ReservedAt = OffsetsAt + OffsetCount * sizeof(uint);
    public const int ChecksumAt = 60;

    /// <summary>Fills in the header of a blob whose sections are already written; the checksum comes last.</summary>
    public static void Write(Span<byte> blob, PackedFormat format, int outputs, int inputs, int blocks)
    {
        var layout = PackedLayout.Of(format, outputs, inputs, blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(blob, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(blob[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(blob[6..], (ushort)format.Id);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[8..], (uint)outputs);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[12..], (uint)inputs);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[16..], (uint)blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[20..], (uint)layout.TotalBytes);
        var at = OffsetsAt;
        foreach (var offset in Offsets(layout))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(blob[at..], offset);
            at += sizeof(uint);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(blob[ChecksumAt..], Checksum(blob));
    }

    public static uint[] Offsets(PackedLayout layout) =>
        [(uint)layout.GroupStarts, (uint)layout.Indices, (uint)layout.Blocks, (uint)layout.OutputScales, (uint)layout.ZeroPointSums];

    /// <summary>CRC-32C (Castagnoli) over every byte except the four that hold it.</summary>
    public static uint Checksum(ReadOnlySpan<byte> blob) =>
        ~Crc32C(Crc32C(uint.MaxValue, blob[..ChecksumAt]), blob[(ChecksumAt + sizeof(uint))..]);

    private static uint Crc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
