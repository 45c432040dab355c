using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>An imported model that reads a text piece by piece and keeps its cache.</summary>
internal sealed class DecoderSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly Dictionary<string, OrtValue> cache = [];
    private int read;

    /// <param name="path">Of the model.</param>
    /// <param name="register">Adds operators to a session.</param>
    public DecoderSession(string path, Action<SessionOptions>? register = null)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        register?.Invoke(options);
        session = new InferenceSession(path, options);
        foreach (var (name, metadata) in session.InputMetadata.Where(input => input.Key.StartsWith("past_key_values.", StringComparison.Ordinal)))
            cache[name] = OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [1, metadata.Dimensions[1], 0, metadata.Dimensions[3]]);
    }

    /// <summary>The logits of the next tokens, [tokens][vocabulary].</summary>
    public float[][] Feed(params long[] tokens)
    {
        read += tokens.Length;
        using var ids = OrtValue.CreateTensorValueFromMemory(tokens, [1, tokens.Length]);
        using var mask = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, read).ToArray(), [1, read]);
        var inputs = new Dictionary<string, OrtValue>(cache) { ["input_ids"] = ids, ["attention_mask"] = mask };
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, session.OutputNames);
        var logits = results[0].GetTensorDataAsSpan<float>().ToArray();
        for (var index = 1; index < results.Count; index++)
        {
            var name = session.OutputNames[index].Replace("present", "past_key_values", StringComparison.Ordinal);
            var (shape, values) = (results[index].GetTensorTypeAndShape().Shape, results[index].GetTensorDataAsSpan<float>().ToArray());
            cache[name].Dispose();
            cache[name] = OrtValue.CreateTensorValueFromMemory(values, shape);
        }
        return logits.Chunk(logits.Length / tokens.Length).ToArray();
    }

    public void Dispose()
    {
        foreach (var value in cache.Values)
            value.Dispose();
        session.Dispose();
    }
}
