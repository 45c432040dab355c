using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

public sealed partial class HtmlReportTests : IDisposable
{
    private const string Attack = "\"'><script>document.title='taken'</script>";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void It_says_the_verdict_and_its_worst_reason_first()
    {
        var html = HtmlReport.Write(SampleReport.Create(folder));
        Assert.Contains("<title>digits on linux-arm64: Fails</title>", html, StringComparison.Ordinal);
        Assert.Contains("3 of 5 floors keep it from shipping: accuracy on &#x27;adversarial&#x27; 0.50, floor 0.75 (", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gate_that_is_passed_reads_like_one()
    {
        var html = HtmlReport.Write(SampleReport.Create(folder, """{ "dimension": "accuracy", "slice": "common", "min": 0.90, "maxDrop": 0.02 }"""));
        Assert.Contains("All 2 floors are cleared on 1,250 cases; the artifact is 15.48 times smaller than its dense parent.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"badge bad\"", Section(html, "floors"), StringComparison.Ordinal);
    }

    [Fact]
    public void Floors_that_only_warn_do_not_keep_it_from_shipping()
    {
        var html = HtmlReport.Write(SampleReport.Create(folder, """{ "dimension": "accuracy", "slice": "edge", "maxDrop": 0.02 }""", InconclusivePolicy.Warn));
        Assert.Contains("0 of 1 floor cleared on 1,250 cases; 1 inconclusive.", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("floors")]
    [InlineData("slices")]
    [InlineData("flips")]
    [InlineData("confusion")]
    [InlineData("cost")]
    [InlineData("layers")]
    [InlineData("drift")]
    [InlineData("recipe")]
    [InlineData("history")]
    [InlineData("provenance")]
    public void Every_section_has_a_heading_and_a_link(string id)
    {
        var html = HtmlReport.Write(SampleReport.Create(folder));
        Assert.Contains($"""<section id="{id}" aria-labelledby="{id}-title">""", html, StringComparison.Ordinal);
        Assert.Contains($"""<a href="#{id}">""", html, StringComparison.Ordinal);
        Assert.Contains($"""<h2 id="{id}-title">""", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_drift_of_every_model_and_what_is_not_additive_stand_in_tables()
    {
        var html = Section(HtmlReport.Write(SampleReport.Create(folder)), "drift");
        Assert.All(["pruning alone", "quantization alone", "all that was done", "0.0345", "94.00 %", "0.985", "0.0045", "12.5"], text => Assert.Contains(text, html, StringComparison.Ordinal));
        Assert.Contains("Precisions by knapsack within 100000 bytes", HtmlReport.Write(SampleReport.Create(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_without_data_is_left_out()
    {
        var report = SampleReport.Create(folder) with { Drift = null, Flips = [], Layers = [], Damage = [], History = [], Edits = null, Options = new Dictionary<string, string>(), Inputs = [], Sizes = null };
        var html = HtmlReport.Write(report);
        Assert.All(["drift", "flips", "layers", "history", "recipe", "provenance", "cost"], id => Assert.DoesNotContain($"\"#{id}\"", html, StringComparison.Ordinal));
        Assert.Contains("\"#floors\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_table_has_a_caption_and_every_picture_a_text()
    {
        var html = HtmlReport.Write(SampleReport.Create(folder));
        Assert.NotEmpty(Tables().Matches(html));
        Assert.All(Tables().Matches(html), table => Assert.Matches(@"^<table[^>]*>\s*<caption>[^<]+</caption>", table.Value));
        Assert.NotEmpty(Drawings().Matches(html));
        Assert.All(Drawings().Matches(html), drawing => Assert.Matches("""role="img" aria-label="[^"]+"|aria-hidden="true" """.TrimEnd(), drawing.Value));
    }

    [Fact]
    public void Text_of_models_cases_and_users_never_becomes_markup()
    {
        var html = HtmlReport.Write(SampleReport.Hostile(folder, Attack));
        // The only two scripts are the page's own, and nothing of the attack is left unescaped.
        Assert.Equal(2, Regex.Count(html, "<script"));
        Assert.DoesNotContain("<script>document", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\"'>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void It_needs_nothing_from_outside()
    {
        var html = HtmlReport.Write(SampleReport.Create(folder));
        Assert.DoesNotMatch("""(src|href|action|srcset)="(?!#|data:)""", html);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_behind_it_is_inside_as_JSON()
    {
        var report = SampleReport.Create(folder);
        var json = Data(HtmlReport.Write(report));
        Assert.Equal("digits", (string?)json["name"]);
        Assert.True(JToken.DeepEquals(JObject.Parse(report.Verdict.ToJson()), json["verdict"]));
        Assert.Equal(report.Flips.Select(flip => flip.Id), json["flips"]!.Select(flip => (string?)flip["id"]));
        Assert.Equal("lost", (string?)json["flips"]![0]!["kind"]);
        Assert.Equal(0.8, (double?)json["layers"]![0]!["sparsity"]);
        Assert.Equal("8x4", (string?)json["options"]!["prune.pattern"]);
    }

    [Fact]
    public void Hostile_text_comes_out_of_the_JSON_unchanged() =>
        Assert.Equal(Attack, (string?)Data(HtmlReport.Write(SampleReport.Hostile(folder, Attack)))["flips"]![0]!["id"]);

    [Fact]
    public void Its_text_depends_on_neither_culture_nor_place()
    {
        using var other = new TemporaryFolder();
        var culture = CultureInfo.CurrentCulture;
        var text = HtmlReport.Write(SampleReport.Create(folder));
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } };
            Assert.Equal(text, HtmlReport.Write(SampleReport.Create(other)));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
        Assert.DoesNotContain(folder.Path, text, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_and_a_kind_of_a_newer_gate_are_shown_by_their_names()
    {
        var report = SampleReport.Create(folder, """{ "dimension": "accuracy", "slice": "common", "min": 0.90 }""");
        var verdict = report.Verdict with { Checks = [report.Verdict.Checks[0] with { Result = (CheckResult)77, Kind = (FloorKind)88 }] };
        var html = HtmlReport.Write(report with { Verdict = verdict, Diagnostics = [] });
        Assert.Contains("0 of 1 floor cleared on 1,250 cases; 1 77.", html, StringComparison.Ordinal);
        Assert.Contains("""<span class="badge neutral">""", Section(html, "floors"), StringComparison.Ordinal);
        Assert.Contains("88 ≥ 0.90", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_classes_are_listed_by_the_confusions_that_changed_most()
    {
        var report = SampleReport.Create(folder);
        ConfusionCell[] parent = [.. Enumerable.Range(0, 40).Select(label => new ConfusionCell(label, label, 10))];
        ConfusionCell[] candidate = [.. parent, new ConfusionCell(3, 39, 7), new ConfusionCell(5, 1, 2)];
        var html = Section(HtmlReport.Write(report with { Verdict = report.Verdict with { ParentConfusion = parent, CandidateConfusion = candidate } }), "confusion");
        Assert.Matches("""<th scope="row">3</th><td>39</td><td class="number">0</td><td class="number">7</td><td class="number">&#x2B;7</td></tr>\s*<tr><th scope="row">5</th>""", html);
    }

    public void Dispose() => folder.Dispose();

    private static JObject Data(string html) => JObject.Parse(Regex.Match(html, """<script type="application/json" id="report-data">(.*?)</script>""", RegexOptions.Singleline).Groups[1].Value);

    private static string Section(string html, string id) => Regex.Match(html, $"""<section id="{id}".*?</section>""", RegexOptions.Singleline).Value;

    [GeneratedRegex("<table.*?</table>", RegexOptions.Singleline)]
    private static partial Regex Tables();

    [GeneratedRegex("<svg[^>]*>")]
    private static partial Regex Drawings();
}
