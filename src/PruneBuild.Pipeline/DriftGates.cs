using System.Globalization;
using PruneBuild.Compression.Drift;
using PruneBuild.Diagnostics;

namespace PruneBuild.Pipeline;

/// <summary>Judges measured drift by the gates of a recipe.</summary>
internal static class DriftGates
{
    /// <summary>A diagnostic for every gate that is not passed, and for every one the recipe gives that cannot be judged.</summary>
    public static IEnumerable<Diagnostic> Check(DriftStep step, ModelDrift drift)
    {
        foreach (var gate in step.Gates)
        {
            var (code, arguments) = Judge(gate, drift);
            if (code is null || (code == "PB7005" && !gate.IsGiven))
                continue;
            var severity = step.IsError ? Severity.Error : Severity.Warning;
            yield return Diagnostic.Create(code, severity, arguments).At(gate.At.File, gate.At.Line, gate.At.Column);
        }
    }

    private static (string? Code, object?[] Arguments) Judge(DriftGate gate, ModelDrift drift) => gate.Figure switch
    {
        "blockCosine" => drift.Blocks.Where(block => block.Cosine is not null).MinBy(block => block.Cosine) is not { Cosine: { } cosine } worst
            ? Unmeasured(gate, (drift.Blocks is [var first, ..] ? first.Reason : null) ?? "the model has no blocks")
            : cosine >= gate.Threshold ? default : ("PB7001", [worst.Name, Text(cosine), Text(gate.Threshold)]),
        "kl" => drift.Logits.Kl is not { } kl
            ? Unmeasured(gate, "the first output is no classes")
            : kl <= gate.Threshold ? default : ("PB7002", [Text(kl), Text(gate.Threshold)]),
        "top1" => drift.Logits.Top1 is not { } top1
            ? Unmeasured(gate, "the first output is no classes")
            : top1 >= gate.Threshold ? default : ("PB7003", [Text(top1), Text(gate.Threshold)]),
        _ => drift.NonFinite <= gate.Threshold ? default : ("PB7004", [drift.NonFinite, Text(gate.Threshold)]),
    };

    private static (string, object?[]) Unmeasured(DriftGate gate, string reason) => ("PB7005", [gate.Figure, reason]);

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
