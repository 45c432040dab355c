namespace PruneBuild.Tasks.ModelReferences;

/// <summary>Folders in Hugging Face layout, as far as a build that does not start the worker can tell.</summary>
internal static class ModelFolder
{
    private const string Config = "config.json";

    private static readonly string[] Weights = ["model.safetensors", "model.safetensors.index.json"];

    /// <summary>What a folder lacks to be a model, or null; null also for what is no folder.</summary>
    public static string? Lacks(string path) => !Directory.Exists(path) ? null
        : !File.Exists(Path.Combine(path, Config)) ? $"it has no {Config}"
        : !Array.Exists(Weights, file => File.Exists(Path.Combine(path, file))) ? $"it has neither {string.Join(" nor ", Weights)}"
        : null;
}
