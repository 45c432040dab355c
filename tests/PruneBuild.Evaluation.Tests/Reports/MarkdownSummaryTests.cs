using System.Text;
using System.Text.RegularExpressions;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Evaluation.Tests.Reports;

public sealed class MarkdownSummaryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(SampleReport.Floors, InconclusivePolicy.Fail, "CAUTION", "Fails")]
    [InlineData("""{ "dimension": "accuracy", "slice": "common", "min": 0.90 }""", InconclusivePolicy.Fail, "TIP", "Passes")]
    [InlineData("""{ "dimension": "accuracy", "slice": "edge", "maxDrop": 0.02 }""", InconclusivePolicy.Warn, "WARNING", "May ship, not all is certain")]
    public void The_verdict_is_an_alert_and_the_first_line(string floors, InconclusivePolicy policy, string alert, string word)
    {
        var lines = MarkdownSummary.Write(SampleReport.Create(folder, floors, policy)).Split('\n');
        Assert.Equal($"> [!{alert}]", lines[0]);
        Assert.StartsWith($"> **digits on linux-arm64: {word}.** ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_not_cleared_is_in_sight()
    {
        var text = MarkdownSummary.Write(SampleReport.Create(folder));
        var sight = text[..text.IndexOf("<details>", StringComparison.Ordinal)];
        Assert.Equal(3, Regex.Count(sight, "^\\| (missed|inconclusive) ", RegexOptions.Multiline));
        Assert.DoesNotContain("| cleared ", sight, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(text, "^\\| cleared ", RegexOptions.Multiline));
        Assert.Equal(Regex.Count(text, "<details>"), Regex.Count(text, "</details>"));
    }

    [Fact]
    public void A_summary_that_is_too_long_ends_whole_with_a_note()
    {
        var report = SampleReport.Create(folder);
        report = report with { Flips = [.. Enumerable.Range(0, 50_000).Select(index => new CaseFlip(index, $"case äöü {index}", "common", FlipKind.Lost, "1", "1", "2", 0, 0))] };
        var text = MarkdownSummary.Write(report);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), MarkdownSummary.MostBytes - 1000, MarkdownSummary.MostBytes);
        Assert.EndsWith("_The summary ends here: it would be longer than 900,000 bytes. report.html has everything._\n", text, StringComparison.Ordinal);
        Assert.Equal(Regex.Count(text, "<details>"), Regex.Count(text, "</details>"));
        Assert.StartsWith("> [!CAUTION]", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n').Where(line => line.StartsWith("| case ä", StringComparison.Ordinal)), line => Assert.EndsWith(" |", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Text_of_models_cases_and_users_never_becomes_markup()
    {
        var text = MarkdownSummary.Write(SampleReport.Hostile(folder, "a|b\n<img src=x> [l](http://x) `c` **d** @me"));
        Assert.DoesNotContain("<img", text, StringComparison.Ordinal);
        Assert.Contains("a\\|b &lt;img src=x&gt; \\[l\\](http://x) \\`c\\` \\*\\*d\\*\\* \\@me", text, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
