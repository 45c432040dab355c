using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>A folder with a language model: safetensors, which are imported, or an ONNX file that somebody exported from them.</summary>
public static class ModelFolder
{
    private static readonly string[] Settings = ["config.json", "generation_config.json", GenAiConfig.FileName];

    /// <summary>What lies beside a language model and decides what it writes: its tokenizer, its chat template, its settings.</summary>
    public static IEnumerable<string> Beside(string folder) =>
        HuggingFaceModel.TokenizerFilesOf(folder).Concat(Settings.Select(name => Path.Combine(folder, name)).Where(File.Exists));

    /// <summary>The files that an import depends on, the one that describes the model first.</summary>
    /// <param name="folder">Absolute.</param>
    /// <exception cref="PruneBuildException">As <see cref="HuggingFaceModel.FilesOf"/>, or what <see cref="OnnxModel.Load"/> finds.</exception>
    public static IReadOnlyList<string> FilesOf(string folder) =>
        ExportedModel.Find(folder) is { } file ? ExportedModel.FilesOf(folder, file) : HuggingFaceModel.FilesOf(folder);

    /// <summary>Whether a file of <see cref="FilesOf"/> holds weights, and does not only say something about them.</summary>
    public static bool HoldsWeights(string file) =>
        !(Path.GetFileName(file) is var name && (HuggingFaceModel.IsOfTokenizer(name) || name.EndsWith("config.json", StringComparison.Ordinal)));

    /// <summary>Writes <c>model.onnx</c>, and beside it what a generator reads.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="destination">An empty folder.</param>
    /// <param name="tell">Told what is done; may be null.</param>
    /// <exception cref="PruneBuildException">As <see cref="HuggingFaceModel.Open"/> and <see cref="HuggingFaceModel.Import"/>, or what <see cref="OnnxModel.Load"/> finds.</exception>
    public static void Import(string folder, string destination, Action<string>? tell = null)
    {
        if (ExportedModel.Find(folder) is { } file)
        {
            tell?.Invoke("taking the model that was exported as ONNX");
            ExportedModel.Import(folder, file, destination);
            return;
        }
        using var model = HuggingFaceModel.Open(folder);
        tell?.Invoke(FormattableString.Invariant($"writing {model.Architecture.ModelType} of {model.Architecture.Layers} layers as ONNX"));
        if (model.Architecture.Rotary?.Scaling is DynamicRopeScaling)
            tell?.Invoke(FormattableString.Invariant($"its texts end at {model.Architecture.MaxPositions} tokens, where dynamic RoPE scaling would begin"));
        model.Import(destination);
    }

    /// <summary>The graph that <see cref="Import"/> writes; of safetensors the shapes of its weights and not their numbers.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="use">What is made of it.</param>
    /// <exception cref="PruneBuildException">As <see cref="Import"/>.</exception>
    public static T WithOutline<T>(string folder, Func<OnnxModel, T> use)
    {
        ArgumentNullException.ThrowIfNull(use);
        if (ExportedModel.Find(folder) is { } file)
        {
            using var exported = OnnxModel.Load(file);
            return use(exported);
        }
        using var model = HuggingFaceModel.Open(folder);
        using var outline = model.Outline();
        return use(outline);
    }
}
