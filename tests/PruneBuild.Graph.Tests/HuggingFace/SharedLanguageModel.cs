using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>A real model of 260,000 weights, imported from its folder, against the same weights as another exporter wrote them.</summary>
public sealed class SharedLanguageModel
{
    private const double Tolerance = 1e-4;

    private static readonly string Source = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", "stories260K");

    [Fact]
    public void Logits_of_a_story_are_the_same()
    {
        using var folder = Imported();
        using var session = new DecoderSession(folder["model.onnx"]);
        var tokens = Story(200);

        var expected = Whole(tokens);

        var actual = session.Feed(tokens);
        for (var position = 0; position < tokens.Length; position++)
            for (var token = 0; token < expected[position].Length; token++)
                Assert.Equal(expected[position][token], actual[position][token], Tolerance);
        var loss = Enumerable.Range(0, tokens.Length - 1).Average(position => Loss(actual[position], tokens[position + 1]));
        Assert.InRange(loss, 0.9, 1.6);
    }

    [Fact]
    public void A_continuation_is_the_same_token_by_token()
    {
        using var folder = Imported();
        using var session = new DecoderSession(folder["model.onnx"]);
        var text = Story(12).ToList();

        var next = session.Feed([.. text])[^1];
        for (var step = 0; step < 40; step++)
        {
            var expected = Whole([.. text])[^1];
            for (var token = 0; token < expected.Length; token++)
                Assert.Equal(expected[token], next[token], Tolerance);
            Assert.Equal(Array.IndexOf(expected, expected.Max()), Array.IndexOf(next, next.Max()));
            text.Add(Array.IndexOf(next, next.Max()));
            next = session.Feed(text[^1])[0];
        }
    }

    private static TemporaryFolder Imported()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Source, "model.safetensors")), "the language model is not on this machine");
        var folder = new TemporaryFolder();
        using var model = HuggingFaceModel.Open(Path.GetFullPath(Source));
        model.Import(folder.Path);
        return folder;
    }

    private static long[] Story(int tokens) => new LlamaTokenizer(Path.Combine(Source, "tokenizer.bin"))
        .Encode(File.ReadAllText(Path.Combine(OnnxRuntimeNative.SharedFolder, "data", "tinystories", "gate.txt"))[..2000], tokens);

    private static float[][] Whole(long[] tokens)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(Path.Combine(Source, "model.onnx"), options);
        using var input = OrtValue.CreateTensorValueFromMemory(tokens, [1, tokens.Length]);
        using var run = new RunOptions();
        using var results = session.Run(run, new Dictionary<string, OrtValue> { [session.InputNames[0]] = input }, session.OutputNames);
        var logits = results[0].GetTensorDataAsSpan<float>().ToArray();
        return [.. logits.Chunk(logits.Length / tokens.Length)];
    }

    private static double Loss(float[] logits, long token) => Math.Log(logits.Sum(logit => Math.Exp(logit - logits.Max()))) + logits.Max() - logits[token];
}
