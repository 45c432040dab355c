using System.Buffers.Binary;
using System.Numerics;

namespace PruneBuild.Runtime;

/// <summary>
/// The first 64 bytes of a packed blob, little-endian: u32 magic, u16 version, u16 format, u32 outputs, u32 inputs, u32 items,
/// u32 overflow, u32 total bytes, u32 offsets of 6 sections, 8 zero bytes, u32 CRC-32C of all other bytes.
/// </summary>
internal static class PackedHeader
{
    public const uint Magic = 0x57534250; // "PBSW"
    public const int Version = 2;
    public const int TotalAt = 24;
    public const int OffsetsAt = 28;
    public const int ReservedAt = OffsetsAt + PackedLayout.MaxSections * sizeof(uint);
    public const int ChecksumAt = 60;

    /// <summary>Fills in the header of a blob whose sections are already written; the checksum comes last.</summary>
    public static void Write(Span<byte> blob, PackedFormat format, int outputs, int inputs, PackedCounts counts)
    {
        var layout = PackedLayout.Of(format, outputs, inputs, counts);
        BinaryPrimitives.WriteUInt32LittleEndian(blob, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(blob[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(blob[6..], (ushort)format.Id);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[8..], (uint)outputs);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[12..], (uint)inputs);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[16..], (uint)counts.Items);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[20..], (uint)counts.Overflow);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[TotalAt..], (uint)layout.TotalBytes);
        for (var section = 0; section < PackedLayout.MaxSections; section++)
            BinaryPrimitives.WriteUInt32LittleEndian(blob[(OffsetsAt + section * sizeof(uint))..], (uint)layout.Offset(section));
        BinaryPrimitives.WriteUInt32LittleEndian(blob[ChecksumAt..], Checksum(blob));
    }

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
