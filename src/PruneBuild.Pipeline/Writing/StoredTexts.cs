using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>What parent and candidate write, kept among the stages.</summary>
internal static class StoredTexts
{
    private const string Stage = "evaluate";
    private const string FileName = "texts.jsonl";
    private const string LabelFile = "to-label.jsonl";

    /// <summary>The texts of one model.</summary>
    /// <param name="context">The work.</param>
    /// <param name="role"><c>parent</c> or <c>candidate</c>.</param>
    /// <param name="key">Of everything that the texts depend on.</param>
    /// <param name="model">The ONNX file.</param>
    /// <param name="harness">The harness.</param>
    /// <param name="cases">Its cases.</param>
    /// <exception cref="PruneBuildException">PB5025 it cannot write; PB5001 what was kept is damaged.</exception>
    public static WrittenTexts Of(WorkContext context, string role, string key, string model, Harness harness, CaseSet cases)
    {
        var folder = context.Store.GetOrMake(role, key, working =>
        {
            var progress = new EvaluationProgressLine(context.Reporter, Stage, role == "parent" ? "dense parent" : "artifact");
            using var writer = Open(context, model);
            WrittenTexts.Of(writer, harness, cases, progress, context.Cancellation).Save(Path.Combine(working, FileName));
        }, context.Cancellation);
        context.Store.Trim(role, keep: 8);
        return WrittenTexts.Load(Path.Combine(folder, FileName)) is { } texts && texts.Texts.Count == cases.Count
            ? texts
            : throw new PruneBuildException("PB5001", model, $"the texts kept in '{folder}' are damaged; clean the project");
    }

    /// <summary>Opens a model with the tokenizer and settings of the dense parent.</summary>
    public static ModelWriter Open(WorkContext context, string model) =>
        ModelWriter.Open(model, Path.GetDirectoryName(SourceStage.Run(context).Model)!, context.Threads);

    /// <summary>Writes the texts beside the verdict as people's labels have them, but for the labels.</summary>
    public static void WriteForLabels(WorkContext context, CaseSet cases, WrittenTexts parent, WrittenTexts candidate) =>
        AtomicFile.WriteText(Path.Combine(Path.GetDirectoryName(EvaluateStage.VerdictPath(context.Request))!, LabelFile), cases.ToLabel(parent, candidate));
}
