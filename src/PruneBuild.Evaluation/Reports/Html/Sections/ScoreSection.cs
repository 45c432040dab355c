namespace PruneBuild.Evaluation.Reports;

/// <summary>Every scorer and dimension that was measured, on every slice: parent and candidate beside each other.</summary>
internal static class ScoreSection
{
    private static readonly Table.Column[] Columns =
        [new("Measured"), new("Slice"), new("Cases", true), new("Parent", true), new("Candidate", true), new("Change", true), new("Note")];

    public static ReportSection? Of(EvaluationReport report)
    {
        if (report.Verdict.Scores is not { Count: > 0 } scores) return null;
        return new ReportSection(
            "scores", "Scores", "What floors and dimensions are about, in its own unit. There is no total: each has to be looked at for itself.",
            Table.Of("Every score on every slice", Columns, scores.Select(Row)));
    }

    private static IReadOnlyList<Markup> Row(MeasuredScore score) =>
    [
        Markup.Of($"<code>{score.Name}</code>{(score.Profile is null ? "" : $" under '{score.Profile}'")}"),
        Markup.Of($"{(score.Slice == SliceName.Every ? "all cases" : score.Slice)}"),
        Markup.Of($"{Phrase.Count(score.Cases)}"),
        Markup.Of($"{Phrase.Number(score.Parent)}"),
        Markup.Of($"{Phrase.Number(score.Candidate)}"),
        Change(score),
        Markup.Of($"{score.Reason ?? score.Signature ?? (score.HigherIsBetter is { } higher ? higher ? "more is better" : "less is better" : "")}"),
    ];

    private static Markup Change(MeasuredScore score)
    {
        if (score.Change is not { } change) return Markup.Of($"–");
        var look = change == 0 || score.HigherIsBetter is not { } higher ? "" : change > 0 == higher ? "good" : "bad";
        return Markup.Of($"""<span class="{look}">{Phrase.Change(change)}</span>""");
    }
}
