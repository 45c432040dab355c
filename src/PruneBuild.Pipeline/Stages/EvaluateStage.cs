using System.Diagnostics;
using System.Globalization;
using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>
/// Runs the dense parent and the very bytes that will ship on the harness, scores what they gave, and judges the floors. Outputs, scores
/// and resamples are kept by content, each apart: another scorer or label runs no model, another floor scores nothing, and a failed floor
/// fails again on the next build. A harness with a lock must still be what was locked.
/// </summary>
internal static class EvaluateStage
{
    private const string Name = "evaluate";
    private const string FileName = "outputs.bin";

    /// <summary>Keys of a harness that no output depends on; what the cases hold is taken from the cases themselves.</summary>
    private static readonly string[] NotOfOutputs =
        ["$schema", "version", "cases", "dataset", "split", "corpus", "tokenizer", "tokenBytes", "scorers", "dimensions", "contextLengths", "judges", "profiles", "performance", "floors"];

    /// <summary>The selected model, its verdict (null without a harness) and what there is to say about it.</summary>
    public sealed record Result(StageResult Selected, Verdict? Verdict, IReadOnlyList<Diagnostic> Diagnostics)
    {
        /// <summary>Whether the artifact may ship.</summary>
        public bool MayShip => Diagnostics.All(diagnostic => diagnostic.Severity != Severity.Error);

        /// <summary>How far the numbers drifted; null unless the recipe asks.</summary>
        public DriftReport? Drift { get; init; }

        /// <summary>What both wrote, for the reports; null for a task in which they do not.</summary>
        public (WrittenTexts Parent, WrittenTexts Candidate)? Texts { get; init; }

        /// <summary>What the parent answered, for the reports; null for a task without answers.</summary>
        public Predictions? Parent { get; init; }

        /// <summary>What the candidate answered, for the reports; null for a task without answers.</summary>
        public Predictions? Candidate { get; init; }
    }

    /// <summary>Evaluates, gates and reports.</summary>
    public static void Run(WorkContext context)
    {
        var result = Evaluate(context);
        foreach (var check in result.Verdict?.Checks.Where(check => check.Result == CheckResult.Pass) ?? [])
            context.Reporter.Progress(Name, $"floor cleared: {check.Message}");
        foreach (var diagnostic in result.Diagnostics)
            context.Reporter.Report(diagnostic);
        GateReports.Write(context, result);
    }

    /// <summary>Evaluates and gates without reporting.</summary>
    public static Result Evaluate(WorkContext context)
    {
        var locked = LockedHarness.Of(context);
        var selected = SelectStage.Run(context);
        if (locked is { Diagnostics: { Count: > 0 } broken })
            return new Result(selected, null, broken);
        var (drift, drifted) = DriftStage.Judge(context);
        if (context.Harness is not { } harness || context.Cases is not { } cases)
        {
            var ungated = context.AtReference(new PruneBuildException("PB4003", context.Request.Name)).Diagnostic;
            return new Result(selected, null, [ungated with { Severity = Severity.Warning }, .. drifted]) { Drift = drift };
        }

        var data = DataKey(context, harness, cases);
        var parentKey = context.Key("parent").Add("data", data).Add("ort", OnnxRuntimeVersion);
        foreach (var file in context.Files.Used.Where(file => file.Role is ParentModel.Model or ParentModel.ExternalData))
            parentKey.Add(file.Role, file.Sha256);
        var candidateKey = context.Key("candidate").Add("data", data).Add("selected", selected.Key).Add("ort", OnnxRuntimeVersion);

        var source = SourceStage.Run(context).Model;
        var writes = harness.Kind == TaskKind.Generation;
        (WrittenTexts Parent, WrittenTexts Candidate)? texts = writes
            ? (StoredTexts.Of(context, "parent", parentKey.ToString(), source, harness, cases), StoredTexts.Of(context, "candidate", candidateKey.ToString(), selected.Model, harness, cases))
            : null;
        var parent = writes ? new ModelOutputs([]) : Answer(context, "parent", parentKey.ToString(), source, harness, cases);
        var candidate = writes ? new ModelOutputs([]) : Answer(context, "candidate", candidateKey.ToString(), selected.Model, harness, cases);
        if (texts is { } written && harness.Judges.Count > 0)
            StoredTexts.WriteForLabels(context, cases, written.Parent, written.Candidate);
        var start = Stopwatch.GetTimestamp();
        var outputs = $"{parentKey}/{candidateKey}";
        var stored = new StoredEvaluation(context, cases, outputs);
        var models = new EvaluatedModels(parent, candidate)
        {
            Texts = texts,
            Judges = texts is { } both ? new JudgePanel(context, cases, both).Ask : null,
            Bytes = Bytes(context, selected),
            Performance = () => StoredPerformance.Of(context, harness, cases, source, selected.Model, outputs),
        };
        var (verdict, parentAnswers, candidateAnswers) = Gate.Judge(harness, cases, models, context.Request.Rid, stored);
        if (stored.Made > 0)
            stored.Trim();
        if (locked is not null)
            verdict = Waivers.Apply(verdict with { Lock = locked.Lock?.Seal }, locked.Ledger, context.Today);
        verdict.Save(VerdictPath(context.Request));
        var policy = context.Request.Inconclusive == "warn" ? InconclusivePolicy.Warn : InconclusivePolicy.Fail;
        context.Reporter.Progress(Name, string.Create(
            CultureInfo.InvariantCulture, $"{verdict.Checks.Count} checks in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms, {stored.Made} scores and resamples taken anew"));
        return new Result(selected, verdict, [.. verdict.ToDiagnostics(policy), .. ProfileDiagnostics.Of(verdict, harness), .. UngatedDimensions.Of(harness, cases), .. drifted])
        {
            Parent = parentAnswers, Candidate = candidateAnswers, Texts = texts, Drift = drift,
        };
    }

    /// <summary>The last verdict, passed or not; the one of the artifact itself lies inside the artifact.</summary>
    public static string VerdictPath(WorkRequest request) => Path.Combine(Path.GetDirectoryName(request.StampFile)!, "verdict.json");

    private static string OnnxRuntimeVersion => typeof(Microsoft.ML.OnnxRuntime.InferenceSession).Assembly.GetName().Version!.ToString();

    private static ModelOutputs Answer(WorkContext context, string role, string key, string model, Harness harness, CaseSet cases)
    {
        var folder = context.Store.GetOrMake(role, key, working =>
        {
            var progress = new EvaluationProgressLine(context.Reporter, Name, role == "parent" ? "dense parent" : "artifact");
            ModelRun.Evaluate(model, harness, cases, context.Threads, progress, context.Cancellation).Save(Path.Combine(working, FileName));
        }, context.Cancellation);
        context.Store.Trim(role, keep: 8);
        return ModelOutputs.Load(Path.Combine(folder, FileName))
            ?? throw new PruneBuildException("PB5001", model, $"the outputs kept in '{folder}' are damaged; clean the project");
    }

    private static (long Parent, long Candidate) Bytes(WorkContext context, StageResult selected) => (
        context.Files.Used.Where(file => file.Role is ParentModel.Model or ParentModel.ExternalData).Sum(file => file.Length),
        Directory.EnumerateFiles(selected.Folder, "model.onnx*").Sum(file => new FileInfo(file).Length));

    /// <summary>Everything of harness and cases that an output depends on: neither what is right nor what is asked of it.</summary>
    private static string DataKey(WorkContext context, Harness harness, CaseSet cases)
    {
        var json = LocatedJson.Load(harness.File);
        foreach (var name in NotOfOutputs)
            json.Remove(name);
        var key = new StageKey("data");
        if (harness.Kind == TaskKind.Generation)
        {
            foreach (var file in WriterFiles.Of(context))
                key.Add(Path.GetFileName(file.Path), file.Sha256);
        }
        return key
            .Add("harness", json.ToString(Formatting.None))
            .Add("cases", CaseKeys.Inputs(cases, file => context.Files.Of(file, "cases").Sha256))
            .ToString();
    }
}
