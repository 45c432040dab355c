namespace PruneBuild.Evaluation.Reports;

/// <summary>The exact files behind the verdict.</summary>
internal static class ProvenanceSection
{
    private static readonly Table.Column[] Columns = [new("File"), new("Role"), new("Bytes", true), new("SHA-256")];

    public static ReportSection? Of(EvaluationReport report) => report.Inputs.Count == 0 ? null : new ReportSection(
        "provenance", "Made from",
        "The same files, options and tool give the same artifact and the same verdict. The data behind this page is embedded in it as JSON, in the script element with the id report-data.",
        Table.Of("Inputs", Columns, report.Inputs.Select(input => (IReadOnlyList<Markup>)
        [
            Markup.Of($"<code>{input.Path}</code>"), Markup.Of($"{input.Role}"), Markup.Of($"{Phrase.Count(input.Bytes)}"), Markup.Of($"""<code class="hash">{input.Sha256}</code>"""),
        ])));
}
