using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation.Reports;

/// <summary>Parent against candidate on every slice: accuracies and their paired difference, with two-sided 95 % intervals.</summary>
internal static class SliceSection
{
    /// <summary>The one-sided confidence of either end of a two-sided 95 % interval.</summary>
    private const double EachSide = 0.975;

    private static readonly Table.Column[] Columns =
    [
        new("Slice"), new("Cases", true), new("Parent", true), new("Candidate", true), new("Difference, points", true), new("95 % interval", true), new("Lost", true),
        new("Won", true), new("Other changes", true), new("p, McNemar", true),
    ];

    public static ReportSection? Of(EvaluationReport report)
    {
        var verdict = report.Verdict;
        var slices = verdict.Slices.Where(slice => slice.Cases > 0).ToList();
        if (slices.Count == 0) return null;
        var all = slices.Count > 1 ? [.. slices, verdict.Overall] : slices;
        return new ReportSection(
            "slices", "Parent against candidate",
            "Both answered the same cases, so the difference is a paired one and far better known than either accuracy. Whiskers are two-sided 95 % intervals (Wilson; Tango for differences).",
            Markup.Join([Accuracies(all, report.Floors), Differences(all, report.Floors), Table.Of("Every slice", Columns, all.Select(Numbers))]));
    }

    private static Markup Accuracies(IReadOnlyList<PairedOutcome> slices, IReadOnlyList<FloorRow> floors)
    {
        var rows = slices.Select(slice => new WhiskerRow(NameOf(slice), $"n={Phrase.Count(slice.Cases)}",
            [
                Accuracy("parent", slice.BothRight + slice.RightToWrong, slice.Cases),
                Accuracy("candidate", slice.BothRight + slice.WrongToRight, slice.Cases),
            ])
        {
            Threshold = Threshold(floors, slice, FloorKind.Minimum),
        }).ToList();
        var values = rows.SelectMany(row => row.Marks.SelectMany(mark => (double[])[mark.Low, mark.High]).Append(row.Threshold ?? double.NaN));
        var plot = new WhiskerPlot("Accuracy of parent and candidate on each slice", LinearScale.Around(values, WhiskerPlot.Left, WhiskerPlot.Right, 0, 1), rows);
        return Markup.Of($"""
            <h3>Accuracy</h3>
            <p class="legend"><span class="key parent"></span>dense parent <span class="key candidate"></span>candidate. Line: absolute floor.</p>
            {plot.ToMarkup()}
            """);
    }

    private static Markup Differences(IReadOnlyList<PairedOutcome> slices, IReadOnlyList<FloorRow> floors)
    {
        var rows = slices.Select(slice =>
        {
            var (low, high) = Interval(slice);
            return new WhiskerRow(NameOf(slice), $"{Phrase.Points(-slice.Drop)} points",
                [new WhiskerMark(-slice.Drop, low, high, "candidate", $"{NameOf(slice)}: {Phrase.Points(-slice.Drop)} points, 95 % interval {Phrase.Points(low)} to {Phrase.Points(high)}")])
            {
                Threshold = -Threshold(floors, slice, FloorKind.MaxDrop),
            };
        }).ToList();
        var values = rows.SelectMany(row => (double[])[row.Marks[0].Low, row.Marks[0].High, row.Threshold ?? 0, 0]);
        var plot = new WhiskerPlot("Accuracy of the candidate minus that of the parent on each slice", LinearScale.Around(values, WhiskerPlot.Left, WhiskerPlot.Right), rows);
        return Markup.Of($"""
            <h3>Candidate minus parent</h3>
            <p class="legend">0: equally good. Line: the drop that the floor allows.</p>
            {plot.ToMarkup()}
            """);
    }

    private static IReadOnlyList<Markup> Numbers(PairedOutcome slice)
    {
        var (low, high) = Interval(slice);
        return
        [
            Markup.Of($"{NameOf(slice)}"),
            Markup.Of($"{Phrase.Count(slice.Cases)}"),
            Markup.Of($"{Phrase.Percent(slice.ParentAccuracy)}"),
            Markup.Of($"{Phrase.Percent(slice.CandidateAccuracy)}"),
            Markup.Of($"{Phrase.Points(-slice.Drop)}"),
            Markup.Of($"{Phrase.Points(low)} to {Phrase.Points(high)}"),
            Markup.Of($"{Phrase.Count(slice.RightToWrong)}"),
            Markup.Of($"{Phrase.Count(slice.WrongToRight)}"),
            Markup.Of($"{Phrase.Count(slice.ChangedAnswers - slice.RightToWrong - slice.WrongToRight)}"),
            Markup.Of($"{Phrase.Number(slice.McNemarMidP)}"),
        ];
    }

    private static WhiskerMark Accuracy(string look, int right, int cases)
    {
        var low = WilsonInterval.LowerBound(right, cases, EachSide);
        var high = 1 - WilsonInterval.LowerBound(cases - right, cases, EachSide);
        var share = (double)right / cases;
        return new WhiskerMark(share, low, high, look, $"{look} {Phrase.Percent(share)}, 95 % interval {Phrase.Percent(low)} to {Phrase.Percent(high)}");
    }

    /// <summary>Of candidate minus parent. The upper end is the lower one with the two exchanged.</summary>
    private static (double Low, double High) Interval(PairedOutcome slice) => (
        TangoInterval.LowerBound(slice.RightToWrong, slice.WrongToRight, slice.Cases, EachSide),
        -TangoInterval.LowerBound(slice.WrongToRight, slice.RightToWrong, slice.Cases, EachSide));

    private static string NameOf(PairedOutcome slice) => slice.Slice == SliceName.Every ? "all cases" : slice.Slice;

    /// <summary>The strictest accuracy floor of a kind on a slice, or null.</summary>
    private static double? Threshold(IReadOnlyList<FloorRow> floors, PairedOutcome slice, FloorKind kind)
    {
        var thresholds = floors
            .Where(floor => floor.Check.Slice == slice.Slice && floor.Check.Kind == kind && floor.Check.Dimension == "accuracy" && floor.Profile is null)
            .Select(floor => floor.Check.Threshold).ToList();
        return thresholds.Count == 0 ? null : kind == FloorKind.MaxDrop ? thresholds.Min() : thresholds.Max();
    }
}
