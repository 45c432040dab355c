using System.Collections.Concurrent;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests;

/// <summary>A small language model and stories in its tokens, where they are present.</summary>
internal static class SharedLanguageModel
{
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
        var tokenizer = new PruneBuild.Tests.LlamaTokenizer(System.IO.Path.Combine(Shared, "models", "stories260K", "tokenizer.bin"));
        return [.. File.ReadAllText(System.IO.Path.Combine(Shared, "data", "tinystories", split + ".txt"))
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(stories)
            .Select(story => tokenizer.Encode(story[..Math.Min(story.Length, 6 * Sequence)], Sequence))
            .Select(tokens => new CalibrationBatch(new Dictionary<string, CalibrationTensor> { ["input_ids"] = new(tokens, [1, tokens.Length]) }))];
    }
}
