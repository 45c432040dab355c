using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>
/// A language model that somebody has exported to ONNX already, laid out as Optimum and onnxruntime-genai do: <c>model.onnx</c> in the folder or in its
/// <c>onnx</c>, beside config and tokenizer.
/// </summary>
internal static class ExportedModel
{
    private static readonly string[] Places = [ImportedFiles.ModelFile, Path.Combine("onnx", ImportedFiles.ModelFile)];

    /// <summary>The ONNX file of a folder without safetensors; null where there is none.</summary>
    public static string? Find(string folder) => Checkpoint.IsIn(folder)
        ? null
        : Places.Select(place => Path.Combine(folder, place)).FirstOrDefault(File.Exists);

    /// <summary>The ONNX file, its external data, and what lies beside it for a generator.</summary>
    /// <exception cref="PruneBuildException">PB2001 to PB2013: it is no model.</exception>
    public static IReadOnlyList<string> FilesOf(string folder, string file)
    {
        using var model = OnnxModel.Load(file);
        return [.. model.SourceFiles, .. ModelFolder.Beside(folder)];
    }

    /// <summary>Copies model, tokenizer and settings.</summary>
    /// <exception cref="PruneBuildException">As <see cref="FilesOf"/>; PB6002: the destination cannot be written.</exception>
    public static void Import(string folder, string file, string destination)
    {
        using var model = OnnxModel.Load(file);
        model.Save(Path.Combine(destination, ImportedFiles.ModelFile), externalData: true);
        foreach (var other in ModelFolder.Beside(folder))
            File.Copy(other, Path.Combine(destination, Path.GetFileName(other)), overwrite: true);
    }
}
