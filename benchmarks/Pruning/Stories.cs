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

    /// <summary>All stories, packed into windows of one length: each begins with a story, and others follow until it is full; several a batch.</summary>
    public IEnumerable<CalibrationBatch> Windows(int batch) => Pack(Tokens("calibration", int.MaxValue, int.MaxValue)).Chunk(batch).Select(windows =>
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

    private static IEnumerable<long[]> Pack(IEnumerable<long[]> stories)
    {
        var window = new List<long>(MostTokens);
        foreach (var story in stories)
        {
            window.AddRange(story);
            if (window.Count < MostTokens)
                continue;
            yield return [.. window.Take(MostTokens)];
            window.Clear();
        }
    }

    private IEnumerable<long[]> Tokens(string split, int stories, int most = MostTokens) => File.ReadAllText(Path.Combine(folder, split + ".txt"))
        .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(stories).Select(story => this.tokens.Encode(story, most)).Where(tokens => tokens.Length > 1);
}
