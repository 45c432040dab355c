using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Evaluation.Reports;

/// <summary>What the judges are worth, beside people.</summary>
internal static class JudgeSection
{
    private static readonly Table.Column[] Columns =
    [
        new("Judge"), new("Model"), new("State"), new("Calibrated"), new("Kappa on parent"), new("Kappa on pruned"), new("Bias"), new("Texts", true), new("Errors", true),
        new("Raw parent", true), new("Raw candidate", true),
    ];

    public static ReportSection? Of(EvaluationReport report)
    {
        if (report.Verdict.Judges is not { Count: > 0 } judges) return null;
        return new ReportSection(
            "judges", "Judges",
            "Their scores count only as far as they agree with people, also on texts of pruned models. Floors look at what people would have said; the raw means are the judges' own. Intervals of kappa are one-sided, 95 % each.",
            Table.Of("Every judge that was asked for", Columns, judges.Select(Row)));
    }

    private static IReadOnlyList<Markup> Row(JudgeStatement judge) =>
    [
        Markup.Of($"<code>{judge.Name}</code>"),
        Markup.Of($"{judge.Model}"),
        judge.Faults.Count == 0 ? Badge.Of("valid", "good") : Markup.Join([Badge.Of("not valid", "bad"), .. judge.Faults.Select(fault => Markup.Of($"<div>{fault}</div>"))]),
        Markup.Of($"{judge.Calibrated ?? "never"}"),
        Kappa(judge.OnParent),
        Kappa(judge.OnPruned),
        judge.BiasDifference is { } bias ? Markup.Of($"{Phrase.Number(bias.Difference)} ({Phrase.Number(bias.Lower)} to {Phrase.Number(bias.Upper)})") : Markup.Of($"–"),
        Markup.Of($"{Phrase.Count(judge.Asked)}"),
        Markup.Of($"{Phrase.Count(judge.Errors)}"),
        Markup.Of($"{Phrase.Number(judge.RawParent)}"),
        Markup.Of($"{Phrase.Number(judge.RawCandidate)}"),
    ];

    private static Markup Kappa(RoleCalibration? role) => role?.Kappa is null
        ? Markup.Of($"–")
        : Markup.Of($"{Phrase.Number(role.Kappa)} ({Phrase.Number(role.KappaLower)} to {Phrase.Number(role.KappaUpper)}, n={Phrase.Count(role.Cases)})");
}
