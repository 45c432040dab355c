namespace PruneBuild.Evaluation.Reports;

/// <summary>The ledger beside the harness: changes of floors, waivers and earlier verdicts, newest first.</summary>
internal static class HistorySection
{
    private const int LongestHash = 12;
    private const int FewestHashDigits = 32;

    private static readonly Table.Column[] Columns = [new("When"), new("What"), new("Details")];

    public static ReportSection? Of(EvaluationReport report) => report.History.Count == 0 ? null : new ReportSection(
        "history", "History", "What was decided before, as the ledger beside the harness tells it, newest first.",
        Table.Of("Ledger", Columns, report.History.Select(entry => (IReadOnlyList<Markup>)
        [
            Markup.Of($"{(entry.When.Length > 0 ? entry.When : "–")}"),
            Markup.Of($"{Phrase.FromCamelCase(entry.What)}"),
            Markup.Of($"""<dl class="inline">{entry.Details.Select(Detail)}</dl>"""),
        ])));

    private static Markup Detail(KeyValuePair<string, string> detail) => Markup.Of($"<dt>{Phrase.FromCamelCase(detail.Key)}</dt><dd>{Short(detail.Value)}</dd>");

    private static string Short(string value) =>
        value.Length >= FewestHashDigits && value.All(char.IsAsciiHexDigit) ? string.Concat(value.AsSpan(0, LongestHash), "…") : value;
}
