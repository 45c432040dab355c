using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Runtime;

namespace HomeAssistant.Training;

/// <summary>A model as ONNX Runtime runs it: a committed folder as PruneBuild imports it, or an artifact of a build.</summary>
internal sealed class ModelFile : ILanguageModel, IDisposable
{
    private const string Name = "model.onnx";

    private readonly InferenceSession session;
    private readonly string? temporary;

    private ModelFile(string folder, string? temporary, int threads) =>
        (session, this.temporary) = (ModelSession.Open(Path.Combine(folder, Name), threads), temporary);

    /// <summary>Opens a folder in Hugging Face layout, or one with a <c>model.onnx</c>.</summary>
    public static ModelFile Open(string folder, int threads)
    {
        if (File.Exists(Path.Combine(folder, Name)))
            return new ModelFile(folder, null, threads);
        var imported = Directory.CreateTempSubdirectory("home-assistant-").FullName;
        using (var model = HuggingFaceModel.Open(Path.GetFullPath(folder)))
            model.Import(imported);
        return new ModelFile(imported, imported, threads);
    }

    public float[] Logits(long[] tokens, IReadOnlyList<int> lengths)
    {
        var (rows, length) = (lengths.Count, tokens.Length / lengths.Count);
        var values = new Dictionary<string, OrtValue>
        {
            ["input_ids"] = OrtValue.CreateTensorValueFromMemory(tokens, [rows, length]),
            ["attention_mask"] = OrtValue.CreateTensorValueFromMemory(
                lengths.SelectMany(own => Enumerable.Range(0, length).Select(position => position < own ? 1L : 0)).ToArray(), [rows, length]),
        };
        foreach (var (name, metadata) in session.InputMetadata.Where(input => !values.ContainsKey(input.Key)).ToList())
            values[name] = OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [rows, metadata.Dimensions[1], 0, metadata.Dimensions[3]]);
        try
        {
            using var run = new RunOptions();
            using var results = session.Run(run, values, ["logits"]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    public void Dispose()
    {
        session.Dispose();
        if (temporary is not null)
            Directory.Delete(temporary, recursive: true);
    }
}
