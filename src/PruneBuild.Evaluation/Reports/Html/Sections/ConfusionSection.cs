namespace PruneBuild.Evaluation.Reports;

/// <summary>Which class is taken for which: matrices of parent and candidate, or the pairs that moved most when there are many classes.</summary>
internal static class ConfusionSection
{
    private const int MostClasses = 16;
    private const int MostPairs = 25;
    private const int Depths = 8;

    private static readonly Table.Column[] PairColumns = [new("Label"), new("Answer"), new("Parent", true), new("Candidate", true), new("Change", true)];

    public static ReportSection? Of(EvaluationReport report)
    {
        var (parent, candidate) = (report.Verdict.ParentConfusion, report.Verdict.CandidateConfusion);
        if (parent.Count == 0 || candidate.Count == 0) return null;
        var classes = parent.Concat(candidate).SelectMany(cell => (int[])[cell.Label, cell.Predicted]).Distinct().Order().ToList();
        return classes.Count > MostClasses
            ? new ReportSection("confusion", "Confusion", $"The {MostPairs} confusions whose number changed most, of {Phrase.Count(classes.Count)} classes.", Pairs(parent, candidate))
            : new ReportSection(
                "confusion", "Confusion", "Rows are labels, columns are answers. The diagonal is right; the deeper the tint, the more of the row's cases.",
                Markup.Of($"""<div class="matrices">{Matrix("Dense parent", parent, classes)}{Matrix("Candidate", candidate, classes)}{Change(parent, candidate, classes)}</div>"""));
    }

    private static Markup Matrix(string title, IReadOnlyList<ConfusionCell> cells, IReadOnlyList<int> classes)
    {
        var counts = Counts(cells);
        var totals = cells.GroupBy(cell => cell.Label).ToDictionary(row => row.Key, row => row.Sum(cell => cell.Count));
        return Grid(title, classes, (label, answer) =>
        {
            var count = counts.GetValueOrDefault((label, answer));
            var depth = count == 0 ? 0 : Math.Max(1, (int)Math.Round((double)Depths * count / totals[label]));
            return (count == 0 ? "" : Phrase.Count(count), $"{(label == answer ? "hit" : "miss")}{depth}");
        });
    }

    private static Markup Change(IReadOnlyList<ConfusionCell> parent, IReadOnlyList<ConfusionCell> candidate, IReadOnlyList<int> classes)
    {
        var (before, after) = (Counts(parent), Counts(candidate));
        var most = Math.Max(1, before.Keys.Union(after.Keys).Max(key => Math.Abs(after.GetValueOrDefault(key) - before.GetValueOrDefault(key))));
        return Grid("Candidate minus parent", classes, (label, answer) =>
        {
            var change = after.GetValueOrDefault((label, answer)) - before.GetValueOrDefault((label, answer));
            var depth = change == 0 ? 0 : Math.Max(1, Depths * Math.Abs(change) / most);
            var isBetter = change > 0 == (label == answer);
            return (change == 0 ? "" : Signed(change), $"{(isBetter ? "hit" : "miss")}{depth}");
        });
    }

    private static Markup Grid(string title, IReadOnlyList<int> classes, Func<int, int, (string Text, string Look)> cell)
    {
        var labels = classes.Where(label => label != Predictions.NotFinite);
        return Markup.Of($"""
            <div class="scroll" role="region" aria-label="{title}" tabindex="0"><table class="matrix">
            <caption>{title}</caption>
            <thead><tr><th scope="col"><span class="hidden">Label</span></th>{classes.Select(answer => Markup.Of($"""<th scope="col">{NameOf(answer)}</th>"""))}</tr></thead>
            <tbody>{labels.Select(label => Markup.Of($"""<tr><th scope="row">{NameOf(label)}</th>{classes.Select(answer => Cell(cell(label, answer)))}</tr>"""))}</tbody>
            </table></div>

            """);
    }

    private static Markup Cell((string Text, string Look) cell) => Markup.Of($"""<td class="{cell.Look}">{cell.Text}</td>""");

    private static Markup Pairs(IReadOnlyList<ConfusionCell> parent, IReadOnlyList<ConfusionCell> candidate)
    {
        var (before, after) = (Counts(parent), Counts(candidate));
        var pairs = before.Keys.Union(after.Keys)
            .Where(key => key.Label != key.Answer)
            .Select(key => (key.Label, key.Answer, Before: before.GetValueOrDefault(key), After: after.GetValueOrDefault(key)))
            .OrderByDescending(pair => Math.Abs(pair.After - pair.Before)).ThenByDescending(pair => pair.After).ThenBy(pair => (pair.Label, pair.Answer))
            .Take(MostPairs);
        return Table.Of("Confusions", PairColumns, pairs.Select(pair => (IReadOnlyList<Markup>)
        [
            Markup.Of($"{pair.Label}"), Markup.Of($"{NameOf(pair.Answer)}"), Markup.Of($"{Phrase.Count(pair.Before)}"), Markup.Of($"{Phrase.Count(pair.After)}"),
            Markup.Of($"{(pair.After == pair.Before ? "0" : Signed(pair.After - pair.Before))}"),
        ]));
    }

    private static Dictionary<(int Label, int Answer), int> Counts(IReadOnlyList<ConfusionCell> cells) => cells.ToDictionary(cell => (cell.Label, cell.Predicted), cell => cell.Count);

    private static string NameOf(int answer) => answer == Predictions.NotFinite ? "none" : Phrase.Count(answer);

    private static string Signed(int change) => (change < 0 ? "−" : "+") + Phrase.Count(Math.Abs(change));
}
