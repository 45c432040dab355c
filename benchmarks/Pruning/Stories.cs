using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Graph;
using PruneBuild.Tests;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>Stories of a text file (blank lines between them) as tokens of a llama2.c tokenizer file.</summary>
internal sealed class Stories(string folder, string tokenizer)
{
    private const int MostTokens = 256;

    private readonly LlamaTokenizer tokens = new(tokenizer);

    /// <summary>A batch a story.</summary>
    public IEnumerable<CalibrationBatch> Calibration(int stories) => Tokens("calibration", stories).Select(tokens =>
        new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(tokens, [1, tokens.Length]) }));

    /// <summary>All stories that are long enough in windows of one length, half of which overlap, the last one ending with its story; several a batch.</summary>
    public IEnumerable<CalibrationBatch> Windows(int batch) => Tokens("calibration", int.MaxValue, int.MaxValue).Where(tokens => tokens.Length >= MostTokens).SelectMany(Cut).Chunk(batch).Select(windows =>
        new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(windows.SelectMany(tokens => tokens).ToArray(), [windows.Length, MostTokens]) }));

    /// <summary>Mean negative log-likelihood of the next token, nats.</summary>
    public double Loss(OnnxModel model, int stories, int threads)
    {
        using var judged = new JudgedModel(model, threads);
        var total = new SummedLoss();
        foreach (var tokens in Tokens("gate", stories))
        {
            using var input = OrtValue.CreateTensorValueFromMemory(tokens, [1, tokens.Length]);
            total += OutputLoss.NextToken(judged.Run(input), tokens, tokens.Length);
        }
        return total.Mean;
    }

    private static IEnumerable<long[]> Cut(long[] tokens)
    {
        var last = tokens.Length - MostTokens;
        for (var first = 0; first < last; first += MostTokens / 2)
            yield return tokens[first..(first + MostTokens)];
        yield return tokens[last..];
    }

    private IEnumerable<long[]> Tokens(string split, int stories, int most = MostTokens) => File.ReadAllText(Path.Combine(folder, split + ".txt"))
        .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(stories).Select(story => this.tokens.Encode(story, most)).Where(tokens => tokens.Length > 1);
}
