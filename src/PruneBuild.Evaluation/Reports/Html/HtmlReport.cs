using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace PruneBuild.Evaluation.Reports;

/// <summary>
/// The report as one HTML file that needs nothing else: styles, script and figures are inside. A content security policy allows its own
/// script by hash and nothing from outside, so that even markup that slipped in could neither run nor load anything.
/// </summary>
public static class HtmlReport
{
    /// <summary>The file's name.</summary>
    public const string FileName = "report.html";

    private static readonly string Style = Resource("report.css");
    private static readonly string Script = Resource("report.js");

    /// <summary>The text of the file: the same report gives the same text.</summary>
    public static string Write(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        ReportSection?[] all =
        [
            FloorSection.Of(report), ScoreSection.Of(report), SliceSection.Of(report), FlipSection.Of(report), TextFlipSection.Of(report), JudgeSection.Of(report), ConfusionSection.Of(report), CostSection.Of(report),
            LayerSection.Of(report), DriftSection.Of(report), RecipeSection.Of(report), HistorySection.Of(report), ProvenanceSection.Of(report),
        ];
        var sections = all.OfType<ReportSection>().ToList();
        return Markup.Of($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src '{Hash(Style)}'; script-src '{Hash(Script)}'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{report.Name} on {report.Verdict.Rid}: {Headline.Of(report).Word}</title>
            <style>{new Markup(Style)}</style>
            </head>
            <body>
            <a class="skip" href="#report">Skip to the report</a>
            {SummarySection.Of(report)}<nav aria-label="Sections"><ul>{sections.Select(Link)}</ul></nav>
            <main id="report">
            {sections.Select(section => section.ToMarkup())}</main>
            <script type="application/json" id="report-data">{new Markup(ReportData.Write(report))}</script>
            <script>{new Markup(Script)}</script>
            </body>
            </html>

            """).Text;
    }

    private static Markup Link(ReportSection section) => Markup.Of($"""<li><a href="#{section.Id}">{section.Title}</a></li>""");

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"PruneBuild.Evaluation.Reports.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
