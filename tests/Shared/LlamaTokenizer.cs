using System.Text;

namespace PruneBuild.Tests;

/// <summary>Byte pair encoding by the scores of a llama2.c tokenizer file.</summary>
internal sealed class LlamaTokenizer
{
    private const int Begin = 1;
    private const int FirstByte = 3;

    private readonly Dictionary<string, (int Id, float Score)> vocabulary = new(StringComparer.Ordinal);

    public LlamaTokenizer(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        reader.ReadInt32();
        for (var id = 0; reader.BaseStream.Position < reader.BaseStream.Length; id++)
        {
            var score = reader.ReadSingle();
            vocabulary.TryAdd(Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32())), (id, score));
        }
    }

    /// <summary>The tokens of a text, the mark of the beginning first; at most so many.</summary>
    public long[] Encode(string text, int most)
    {
        List<string> pieces = [" ", .. text.EnumerateRunes().Select(rune => rune.ToString())];
        while (true)
        {
            var (best, score) = (-1, float.NegativeInfinity);
            for (var index = 0; index + 1 < pieces.Count; index++)
                if (vocabulary.TryGetValue(pieces[index] + pieces[index + 1], out var merged) && merged.Score > score)
                    (best, score) = (index, merged.Score);
            if (best < 0)
                break;
            pieces[best] += pieces[best + 1];
            pieces.RemoveAt(best + 1);
        }
        return [.. pieces.SelectMany(piece => vocabulary.TryGetValue(piece, out var known)
            ? [known.Id] : Encoding.UTF8.GetBytes(piece).Select(value => value + FirstByte)).Prepend(Begin).Take(most).Select(token => (long)token)];
    }
}
