using System.Buffers.Binary;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Files of token ids, as a recipe's calibration data has them, and of the bytes that tokens have.</summary>
internal static class TokenFile
{
    /// <summary>All ids.</summary>
    /// <exception cref="PruneBuildException">PB1033 at the harness token when it is empty or ends inside an id; PB1012 for a negative id.</exception>
    public static int[] Read(TokenCases source, int width)
    {
        var stored = Stored(source.Path, source.Tokens, source.TokensAt, width);
        var tokens = new int[stored.Length / width];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = width == sizeof(ushort)
                ? BinaryPrimitives.ReadUInt16LittleEndian(stored.AsSpan(i * width))
                : BinaryPrimitives.ReadInt32LittleEndian(stored.AsSpan(i * width));
            if (tokens[i] < 0) throw source.TokensAt.Error("PB1012", source.Tokens, "tokens", $"token {i} is {tokens[i]}; ids are 0 or more");
        }
        return tokens;
    }

    /// <summary>Bytes of every token of the vocabulary.</summary>
    /// <exception cref="PruneBuildException">PB1033 at the harness token.</exception>
    public static int[] ReadBytes(NamedFile file)
    {
        var stored = Stored(file.Path, file.Name, file.NamedAt, sizeof(ushort));
        return [.. Enumerable.Range(0, stored.Length / sizeof(ushort)).Select(i => (int)BinaryPrimitives.ReadUInt16LittleEndian(stored.AsSpan(i * sizeof(ushort))))];
    }

    private static byte[] Stored(string path, string name, SourceLocation at, int width)
    {
        var stored = File.ReadAllBytes(path);
        return stored.Length > 0 && stored.Length % width == 0
            ? stored
            : throw at.Error("PB1033", name, stored.Length, Math.Max(1, stored.Length / width), width);
    }
}
