using System.Buffers.Binary;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Formats;

/// <summary>Packed blobs that were built to deceive.</summary>
internal static class LyingWeights
{
    /// <summary>Copies with up to three 32-bit words changed anywhere and the checksum right again.</summary>
    public static IEnumerable<byte[]> Of(byte[] original, int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var blob = (byte[])original.Clone();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(original.Length / 4) * 4;
                uint value = random.Next(4) switch { 0 => uint.MaxValue, 1 => (uint)random.Next(300), 2 => 0x7FFF_FFFF, _ => (uint)random.NextInt64(1L << 32) };
                BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(at), value);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(PackedHeader.ChecksumAt), PackedHeader.Checksum(blob));
            yield return blob;
        }
    }
}
