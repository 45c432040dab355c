using System.Runtime.InteropServices;
using PruneBuild.Evaluation;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Pipeline;

/// <summary>How long parent and candidate take, timed once for each pair of models. Only a machine of the target's kind can time them.</summary>
internal static class StoredTimes
{
    private const string Stage = "times";
    private const string FileName = "times.bin";

    public static CaseTimes Of(WorkContext context, Harness harness, CaseSet cases, string parentModel, string candidateModel, string outputs)
    {
        if (context.Request.Rid != HostMachine.Rid)
            return CaseTimes.NotMeasured($"{HostMachine.Rid} cannot time what is made for {context.Request.Rid}");
        var key = context.Key(Stage).Add("outputs", outputs).ToString();
        var folder = context.Store.GetOrMake(Stage, key, working =>
        {
            var times = harness.Kind == TaskKind.Generation
                ? OfTexts(context, harness, cases, parentModel, candidateModel)
                : TimedRun.Measure(parentModel, candidateModel, harness, cases, context.Threads, context.Cancellation);
            double[] both = [.. times.Parent, .. times.Candidate];
            File.WriteAllBytes(Path.Combine(working, FileName), MemoryMarshal.AsBytes(both.AsSpan()).ToArray());
        }, context.Cancellation);
        context.Store.Trim(Stage, keep: 8);
        var stored = MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, FileName)));
        return stored.Length == 2 * cases.Count
            ? new CaseTimes(stored[..cases.Count].ToArray(), stored[cases.Count..].ToArray(), null)
            : CaseTimes.NotMeasured("the times kept are damaged; clean the project");
    }

    private static CaseTimes OfTexts(WorkContext context, Harness harness, CaseSet cases, string parentModel, string candidateModel)
    {
        using var parent = StoredTexts.Open(context, parentModel);
        using var candidate = StoredTexts.Open(context, candidateModel);
        return TimedWriting.Measure(parent, candidate, harness, cases, context.Cancellation);
    }
}
