namespace PruneBuild.Evaluation.Reports;

/// <summary>The floors: a map of slices and dimensions, where each value lies against its threshold, and all numbers.</summary>
internal static class FloorSection
{
    private static readonly Table.Column[] Columns =
    [
        new("Floor"), new("Result"), new("Required"), new("Measured", true), new("Bound", true), new("Headroom", true), new("Parent", true), new("Candidate", true),
        new("Cases", true), new("Lost", true), new("Won", true),
    ];

    public static ReportSection? Of(EvaluationReport report)
    {
        var floors = report.Floors;
        if (floors.Count == 0) return null;
        var confidences = floors.Where(floor => floor.HasInterval).Select(floor => floor.Check.Confidence).Distinct().ToList();
        return new ReportSection(
            "floors", "Floors",
            "A floor is cleared when its whole confidence bound is on the right side of the threshold, not just the measured value. "
            + $"Bounds are one-sided{(confidences.Count == 1 ? $", at {Phrase.Number(confidences[0] * 100)} % confidence" : "")}.",
            Markup.Join([FloorMap.Of(floors, [.. report.Verdict.Slices.Select(slice => slice.Slice)]), Plots(floors), Numbers(floors)]));
    }

    /// <summary>A plot for each kind and dimension: their values have one axis in common.</summary>
    private static Markup Plots(IReadOnlyList<FloorRow> floors) => Markup.Join(
        from floor in floors
        where floor.HasInterval
        group floor by (floor.Check.Dimension, floor.Kind, floor.KindName) into kind
        select Plot(kind.Key.Dimension == kind.Key.KindName ? Capital(kind.Key.Dimension) : Capital($"{kind.Key.KindName} of {kind.Key.Dimension}"), [.. kind]));

    private static Markup Plot(string title, IReadOnlyList<FloorRow> floors)
    {
        var values = floors.SelectMany(floor => (double[])[floor.Check.Estimate, floor.Check.Bound, floor.Check.Threshold]);
        var scale = LinearScale.Around(values, WhiskerPlot.Left, WhiskerPlot.Right);
        var plot = new WhiskerPlot(
            $"{title}: measured value, confidence bound and threshold of each floor", scale,
            [.. floors.Select(floor => new WhiskerRow(
                floor.Profile is null ? floor.Slice : $"{floor.Slice} · {floor.Profile}",
                $"{floor.State.Word}, n={Phrase.Count(floor.Check.Cases)}",
                [
                    new WhiskerMark(
                        floor.Check.Estimate, Math.Min(floor.Check.Estimate, floor.Check.Bound), Math.Max(floor.Check.Estimate, floor.Check.Bound), floor.State.Look, floor.Sentence),
                ])
            {
                Threshold = floor.Check.Threshold,
                IsUpperLimit = floor.IsUpperLimit,
            })]);
        return Markup.Of($"""
            <h3>{title}</h3>
            <p class="legend">Dot: measured. Whisker: to the confidence bound. Line: threshold, with the allowed side tinted.</p>
            {plot.ToMarkup()}
            """);
    }

    private static Markup Numbers(IReadOnlyList<FloorRow> floors) => Table.Of("Every floor with its numbers", Columns, floors.Select(floor => (IReadOnlyList<Markup>)
    [
        Markup.Of($"{floor.Subject}"),
        Markup.Of($"""{Badge.Of(floor.State)}<details><summary>Message</summary><p>{floor.Sentence}</p></details>"""),
        Markup.Of($"""<span class="whole">{floor.Requirement}</span>"""),
        Value(floor, floor.Check.Estimate),
        Value(floor, floor.Check.Bound),
        Markup.Of($"{(floor.HasValue ? Phrase.Change(floor.Headroom) : "–")}"),
        Markup.Of($"{FloorRow.Value(floor.Check.Parent)}"),
        Markup.Of($"{FloorRow.Value(floor.Check.Candidate)}"),
        Markup.Of($"{Phrase.Count(floor.Check.Cases)}"),
        Markup.Of($"{Phrase.Count(floor.Check.RightToWrong)}"),
        Markup.Of($"{Phrase.Count(floor.Check.WrongToRight)}"),
    ]));

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static Markup Value(FloorRow floor, double value) => Markup.Of($"{(floor.HasValue ? FloorRow.Value(value) : "–")}");
}
