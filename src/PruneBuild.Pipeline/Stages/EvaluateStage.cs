using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>
/// Runs the dense parent and the very bytes that will ship on the harness, and judges the floors. Predictions are kept by
/// content: a changed floor is judged anew without running a model, a failed floor fails again on the next build. A harness with a lock
/// must still be what was locked.
/// </summary>
internal static class EvaluateStage
{
    private const string Name = "evaluate";
    private const string FileName = "predictions.json";

    /// <summary>The selected model, its verdict (null without a harness) and what there is to say about it.</summary>
    public sealed record Result(StageResult Selected, Verdict? Verdict, IReadOnlyList<Diagnostic> Diagnostics)
    {
        /// <summary>Whether the artifact may ship.</summary>
        public bool MayShip => Diagnostics.All(diagnostic => diagnostic.Severity != Severity.Error);

        /// <summary>What the parent answered, for the reports.</summary>
        public Predictions? Parent { get; init; }

        /// <summary>What the candidate answered, for the reports.</summary>
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
        if (context.Harness is not { } harness || context.Cases is not { } cases)
        {
            var ungated = context.AtReference(new PruneBuildException("PB4003", context.Request.Name)).Diagnostic;
            return new Result(selected, null, [ungated with { Severity = Severity.Warning }]);
        }

        var data = DataKey(context, harness);
        var parentKey = context.Key("parent").Add("data", data).Add("ort", OnnxRuntimeVersion);
        foreach (var file in context.Files.Used.Where(file => file.Role is "model" or "external-data"))
            parentKey.Add(file.Role, file.Sha256);
        var candidateKey = context.Key("candidate").Add("data", data).Add("selected", selected.Key).Add("ort", OnnxRuntimeVersion);

        var parent = Predict(context, "parent", parentKey.ToString(), SourceStage.Run(context).Model, harness, cases);
        var candidate = Predict(context, "candidate", candidateKey.ToString(), selected.Model, harness, cases);
        var verdict = Gate.Judge(harness, cases, parent, candidate, context.Request.Rid);
        if (locked is not null)
            verdict = Waivers.Apply(verdict with { Lock = locked.Lock?.Seal }, locked.Ledger, context.Today);
        verdict.Save(VerdictPath(context.Request));
        var policy = context.Request.Inconclusive == "warn" ? InconclusivePolicy.Warn : InconclusivePolicy.Fail;
        return new Result(selected, verdict, [.. verdict.ToDiagnostics(policy)]) { Parent = parent, Candidate = candidate };
    }

    /// <summary>The last verdict, passed or not; the one of the artifact itself lies inside the artifact.</summary>
    public static string VerdictPath(WorkRequest request) => Path.Combine(Path.GetDirectoryName(request.StampFile)!, "verdict.json");

    private static string OnnxRuntimeVersion => typeof(Microsoft.ML.OnnxRuntime.InferenceSession).Assembly.GetName().Version!.ToString();

    private static Predictions Predict(WorkContext context, string role, string key, string model, Harness harness, CaseSet cases)
    {
        var folder = context.Store.GetOrMake(role, key, working =>
        {
            var progress = new EvaluationProgressLine(context.Reporter, Name, role == "parent" ? "dense parent" : "artifact");
            ClassificationRun.Evaluate(model, harness, cases, context.Threads, progress, context.Cancellation)
                .Save(Path.Combine(working, FileName), key);
        }, context.Cancellation);
        context.Store.Trim(role, keep: 8);
        return Predictions.Load(Path.Combine(folder, FileName), key)
            ?? throw new PruneBuildException("PB5001", model, $"the predictions kept in '{folder}' are damaged; clean the project");
    }

    /// <summary>Everything of the harness that a prediction depends on: cases and input, not floors.</summary>
    private static string DataKey(WorkContext context, Harness harness)
    {
        var json = LocatedJson.Load(harness.File);
        json.Remove("floors");
        json.Remove("$schema");
        var key = new StageKey("data").Add("harness", json.ToString(Formatting.None));
        foreach (var file in harness.SourceFiles)
        {
            if (file != harness.File)
                key.Add("cases", context.Files.Of(file, "cases").Sha256);
        }
        return key.ToString();
    }
}
