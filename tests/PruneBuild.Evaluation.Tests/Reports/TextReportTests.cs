using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Reports;
using PruneBuild.Evaluation.Tests.Tasks;

namespace PruneBuild.Evaluation.Tests.Reports;

public class TextReportTests
{
    private const string Attack = "\"'><script>document.title='taken'</script>";

    [Fact]
    public void Texts_that_differ_are_listed_lost_ones_first_with_what_was_expected()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(
            folder, """{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }""", "",
            [.. Enumerable.Range(0, 4).Select(i => GenerationFiles.Line(i, "common", """ "expect": [ { "type": "contains", "value": "yes" } ], "reference": "oh yes" """))]);
        var flips = TextFlip.Find(loaded.Cases, GenerationFiles.Texts("no", "yes", "same", "no way"), GenerationFiles.Texts("yes", "no", "same", "never"), 10);
        Assert.Equal([("c1", FlipKind.Lost), ("c0", FlipKind.Won), ("c3", FlipKind.Changed)], flips.Select(flip => (flip.Id, flip.Kind)));
        Assert.Equal(["""{"type":"contains","value":"yes"}""", "reference: oh yes"], flips[0].Expected);
        Assert.Equal(("Question 1", "yes", "no"), (flips[0].Prompt, flips[0].Parent, flips[0].Candidate));
    }

    [Fact]
    public void Markup_in_texts_prompts_and_judges_becomes_no_tag()
    {
        using var folder = new TemporaryFolder();
        var plain = SampleReport.Create(folder);
        var report = plain with
        {
            TextFlips = [new TextFlip(Attack, Attack, FlipKind.Lost, Attack, [Attack], Attack, Attack)],
            Verdict = plain.Verdict with { Judges = [new JudgeStatement { Name = Attack, Model = Attack, Pin = "p", Faults = [Attack] }] },
        };
        var html = HtmlReport.Write(report);
        Assert.DoesNotContain("<script>document", html, StringComparison.Ordinal);
        Assert.Equal(Count(HtmlReport.Write(plain), "<script"), Count(html, "<script"));
        Assert.Contains("id=\"texts\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"judges\"", html, StringComparison.Ordinal);
        Assert.True(Count(html, "&lt;script&gt;") >= 8);
    }

    [Fact]
    public void A_text_of_ten_megabytes_is_cut_off()
    {
        using var folder = new TemporaryFolder();
        var loaded = GenerationFiles.Create(folder, """{ "dimension": "checks", "slice": "*", "min": 0, "mode": "point" }""", "", GenerationFiles.Line(0, "common", """ "expect": [ { "type": "json" } ] """));
        var flip = Assert.Single(TextFlip.Find(loaded.Cases, GenerationFiles.Texts("a"), GenerationFiles.Texts(new string('x', 10_000_000)), 10));
        Assert.Equal(2000, flip.Candidate.Length);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
