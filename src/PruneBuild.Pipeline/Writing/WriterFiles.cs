using PruneBuild.Graph.HuggingFace;

namespace PruneBuild.Pipeline;

/// <summary>What lies beside a language model and decides what it writes: its tokenizer, its chat template, its settings.</summary>
internal static class WriterFiles
{
    /// <summary>Those beside the model of a request.</summary>
    public static IReadOnlyList<FileFingerprint> Of(WorkContext context) =>
        [.. ModelFolder.Beside(ParentModel.IsFolder(context.Request.Model) ? context.Request.Model : Path.GetDirectoryName(context.Request.Model)!).Select(file => context.Files.Of(file, "tokenizer"))];
}
