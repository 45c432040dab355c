using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace PruneBuild.Tests.Tokenizers;

/// <summary>Writes a tokenizer.model: SentencePiece's ModelProto with pieces, the kind of model, and how texts are normalized.</summary>
internal static class SentencePieceFile
{
    public static void Write(string path, JsonObject vocabulary)
    {
        var ranks = vocabulary["merges"]!.AsArray().Select((merge, rank) => (Piece: ((string)merge!).Replace(" ", "", StringComparison.Ordinal), rank))
            .GroupBy(pair => pair.Piece).ToDictionary(group => group.Key, group => group.First().rank);
        var file = new List<byte>();
        foreach (var (piece, id) in vocabulary["vocab"]!.AsObject().Select(entry => (entry.Key, (int)entry.Value!)).OrderBy(entry => entry.Item2))
        {
            var type = id == 0 ? 2 : id <= 2 ? 3 : piece.StartsWith("<0x", StringComparison.Ordinal) ? 6 : 1;
            var score = new byte[sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(score, type == 1 ? -(ranks.TryGetValue(piece, out var rank) ? rank : 100_000 + id) : 0);
            file.AddRange(Message(1, [.. Message(1, Encoding.UTF8.GetBytes(piece)), 2 << 3 | 5, .. score, .. Number(3, type)]));
        }
        file.AddRange(Message(2, [.. Number(3, 2), .. Number(35, 1), .. Number(40, 0), .. Number(41, 1), .. Number(42, 2)]));
        file.AddRange(Message(3, [.. Message(1, "identity"u8.ToArray()), .. Number(3, 1), .. Number(4, 0), .. Number(5, 1)]));
        File.WriteAllBytes(path, [.. file]);
    }

    private static byte[] Message(int field, byte[] content) => [.. Varint((ulong)(field << 3 | 2)), .. Varint((ulong)content.Length), .. content];

    private static byte[] Number(int field, int value) => [.. Varint((ulong)(field << 3)), .. Varint((ulong)value)];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
