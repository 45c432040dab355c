using System.Collections.Concurrent;
using System.Text;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests;

/// <summary>A small language model and stories in its tokens (byte pair encoding by the scores of its tokenizer file), where they are present.</summary>
internal static class SharedLanguageModel
{
    private const int Begin = 1;
    private const int FirstByte = 3;
    private const int Sequence = 128;

    private static readonly ConcurrentDictionary<(string Split, int Stories), CalibrationBatch[]> Known = new();
    private static readonly string Shared = PruneBuild.Tests.OnnxRuntimeNative.SharedFolder;

    /// <summary>The model file; skips the test where there is none.</summary>
    public static string Path
    {
        get
        {
            var path = System.IO.Path.Combine(Shared, "models", "stories260K", "model.onnx");
            Assert.SkipUnless(File.Exists(path), "the model is not on this machine");
            return path;
        }
    }

    /// <summary>A batch a story, from the part for calibration.</summary>
    public static IReadOnlyList<CalibrationBatch> Calibration(int stories) => Batches("calibration", stories);

    /// <summary>Mean next-token loss on stories that are not calibrated with, nats.</summary>
    public static double Loss(OnnxModel model, int stories = 24) =>
        new ModelLoss { Tokens = "input_ids" }.Measure(model, model, Path, Batches("gate", stories), threads: 2);

    private static CalibrationBatch[] Batches(string split, int stories) => Known.GetOrAdd((split, stories), _ => Read(split, stories));

    private static CalibrationBatch[] Read(string split, int stories)
    {
        var vocabulary = Vocabulary();
        return [.. File.ReadAllText(System.IO.Path.Combine(Shared, "data", "tinystories", split + ".txt"))
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(stories)
            .Select(story => Encode(story, vocabulary))
            .Select(tokens => new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(tokens, [1, tokens.Length]) }))];
    }

    private static long[] Encode(string text, Dictionary<string, (int Id, float Score)> vocabulary)
    {
        List<string> pieces = [" ", .. text[..Math.Min(text.Length, 6 * Sequence)].EnumerateRunes().Select(rune => rune.ToString())];
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
            ? [known.Id] : Encoding.UTF8.GetBytes(piece).Select(value => value + FirstByte)).Prepend(Begin).Take(Sequence).Select(token => (long)token)];
    }

    private static Dictionary<string, (int, float)> Vocabulary()
    {
        using var reader = new BinaryReader(File.OpenRead(System.IO.Path.Combine(Shared, "models", "stories260K", "tokenizer.bin")));
        reader.ReadInt32();
        var vocabulary = new Dictionary<string, (int, float)>(StringComparer.Ordinal);
        for (var id = 0; reader.BaseStream.Position < reader.BaseStream.Length; id++)
        {
            var score = reader.ReadSingle();
            vocabulary.TryAdd(Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32())), (id, score));
        }
        return vocabulary;
    }
}
