using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>Stories of a text file (blank lines between them) as tokens of a llama2.c tokenizer file: byte pair encoding by scores.</summary>
internal sealed class Stories(string folder, string tokenizer)
{
    private const int Begin = 1;
    private const int FirstByte = 3;
    private const int MostTokens = 256;

    private readonly Dictionary<string, (int Id, float Score)> vocabulary = Read(tokenizer);

    /// <summary>A batch a story.</summary>
    public IEnumerable<CalibrationBatch> Calibration(int stories) => Tokens("calibration", stories).Select(tokens =>
        new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(tokens, [1, tokens.Length]) }));

    /// <summary>The beginnings of all stories that are long enough, each of the same length; several a batch.</summary>
    public IEnumerable<CalibrationBatch> Windows(int batch) => Tokens("calibration", int.MaxValue).Where(tokens => tokens.Length == MostTokens).Chunk(batch).Select(stories =>
        new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(stories.SelectMany(tokens => tokens).ToArray(), [stories.Length, MostTokens]) }));

    /// <summary>Mean negative log-likelihood of the next token, nats.</summary>
    public double Loss(OnnxModel model, int stories, int threads)
    {
        using var judged = new JudgedModel(model, threads);
        double total = 0;
        long count = 0;
        foreach (var tokens in Tokens("gate", stories))
        {
            using var input = OrtValue.CreateTensorValueFromMemory(tokens, [1, tokens.Length]);
            var logits = judged.Run(input);
            var width = logits.Length / tokens.Length;
            for (var position = 0; position + 1 < tokens.Length; position++, count++)
            {
                var row = logits.AsSpan(position * width, width);
                var most = TensorPrimitives.Max<float>(row);
                var sum = 0.0;
                foreach (var logit in row)
                    sum += Math.Exp(logit - most);
                total += most + Math.Log(sum) - row[(int)tokens[position + 1]];
            }
        }
        return total / count;
    }

    private IEnumerable<long[]> Tokens(string split, int stories) => File.ReadAllText(Path.Combine(folder, split + ".txt"))
        .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(stories).Select(Encode).Where(tokens => tokens.Length > 1);

    private long[] Encode(string text)
    {
        var pieces = new List<string> { " " };
        foreach (var rune in text.EnumerateRunes())
            pieces.Add(rune.ToString());
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
            ? [known.Id] : Encoding.UTF8.GetBytes(piece).Select(value => value + FirstByte)).Prepend(Begin).Take(MostTokens).Select(token => (long)token)];
    }

    private static Dictionary<string, (int, float)> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
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
