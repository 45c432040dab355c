using PruneBuild.Graph;
using PruneBuild.Graph.HuggingFace;

namespace PruneBuild.Pipeline;

/// <summary>The model that a request names: an ONNX file, or a folder in Hugging Face layout.</summary>
internal static class ParentModel
{
    /// <summary>Whether a path is a folder to import.</summary>
    public static bool IsFolder(string path) => Directory.Exists(path);

    /// <summary>Its files, the one that describes it first.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB2001 to PB2023: it cannot be used.</exception>
    public static IReadOnlyList<FileFingerprint> Files(WorkContext context)
    {
        var path = context.Request.Model;
        if (IsFolder(path))
            return [.. HuggingFaceModel.FilesOf(path).Select((file, index) => context.Files.Of(file, index == 0 ? "model" : Role(file)))];
        using var model = OnnxModel.Load(path);
        return [.. model.SourceFiles.Select((file, index) => context.Files.Of(file, index == 0 ? "model" : "external-data"))];
    }

    private static string Role(string file) => Path.GetFileName(file).Contains(".safetensors", StringComparison.Ordinal) ? "external-data" : "tokenizer";
}
