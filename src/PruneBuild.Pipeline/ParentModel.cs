using PruneBuild.Graph;
using PruneBuild.Graph.HuggingFace;

namespace PruneBuild.Pipeline;

/// <summary>The model that a request names: an ONNX file, or a folder in Hugging Face layout.</summary>
internal static class ParentModel
{
    /// <summary>The role of the file that describes a model.</summary>
    public const string Model = "model";

    /// <summary>The role of files with weights.</summary>
    public const string ExternalData = "external-data";

    /// <summary>Whether a path is a folder to import.</summary>
    public static bool IsFolder(string path) => Directory.Exists(path);

    /// <summary>Its files, the one that describes it first.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB2001 to PB2023: it cannot be used.</exception>
    public static IReadOnlyList<FileFingerprint> Files(WorkContext context)
    {
        return [.. Files(context.Request.Model).Select(file => context.Files.Of(file.Path, file.Role))];
    }

    /// <summary>The same of any model, with what each file is for.</summary>
    public static IReadOnlyList<(string Path, string Role)> Files(string path)
    {
        if (IsFolder(path))
            return [.. ModelFolder.FilesOf(path).Select((file, index) => (file, index == 0 ? Model : ModelFolder.HoldsWeights(file) ? ExternalData : "tokenizer"))];
        using var model = OnnxModel.Load(path);
        return [.. model.SourceFiles.Select((file, index) => (file, index == 0 ? Model : ExternalData))];
    }
}
