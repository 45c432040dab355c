using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline.Tests;

/// <summary>The files that a build leaves beside <c>verdict.json</c>.</summary>
public sealed class GateReportsTests
{
    private const string Ruinous =
        """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.995, "protectFirstLast": false }, "quantize": { "precision": "int8" } }""";

    private static readonly string[] All = ["html", "sarif", "junit", "trx", "markdown"];
    private static readonly string[] Files = ["report.html", "summary.md", "verdict.junit.xml", "verdict.sarif", "verdict.trx"];

    [Theory]
    [InlineData(null)]
    [InlineData(Ruinous)]
    public void Every_report_is_written_whether_the_gate_is_passed_or_not(string? recipe)
    {
        using var project = new TinyProject();
        if (recipe is not null)
            project.WriteRecipe(recipe);
        Assert.Equal(recipe is null, project.Build(project.Request with { Reports = All }));
        Assert.Equal(Files, Written(project));
        Assert.All(Files, file => Assert.Contains($"evaluate: report: {Path.Combine(Folder(project), file)}", project.ProgressLines));
        var html = File.ReadAllText(Path.Combine(Folder(project), "report.html"));
        Assert.Contains(recipe is null ? "Passes" : "Fails", html, StringComparison.Ordinal);
        // Layers and their kernels are there although a failed gate packages nothing.
        Assert.Contains("Kernel of every layer", html, StringComparison.Ordinal);
        Assert.Contains("block8x4.int8", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_is_no_longer_asked_for_does_not_stay_to_tell_an_older_verdict()
    {
        using var project = new TinyProject();
        Assert.True(project.Build(project.Request with { Reports = All }));
        Assert.True(project.Build(project.Request with { Reports = ["sarif"] }));
        Assert.Equal(["verdict.sarif"], Written(project));
    }

    [Fact]
    public void Without_a_harness_there_is_nothing_to_report()
    {
        using var project = new TinyProject();
        Assert.True(project.Build(project.Request with { Reports = All }));
        Assert.True(project.Build(project.Request with { Reports = All, Harness = null }));
        Assert.Empty(Written(project));
    }

    [Fact]
    public void The_same_inputs_give_the_same_reports_in_any_place_and_on_any_thread_count()
    {
        string[] Reports(int threads)
        {
            using var project = new TinyProject();
            project.WriteRecipe(Ruinous);
            project.Build(project.Request with { Reports = All, Threads = threads });
            string[] texts = [.. Files.Select(file => File.ReadAllText(Path.Combine(Folder(project), file)))];
            Assert.All(texts, text => Assert.DoesNotContain(project.Folder, text, StringComparison.Ordinal));
            return texts;
        }
        Assert.Equal(Reports(1), Reports(3));
    }

    [Fact]
    public void The_report_tells_what_a_ledger_beside_the_harness_says()
    {
        using var project = new TinyProject();
        Ledger.Load(Ledger.PathOf(project.HarnessPath)).Append(new LedgerEntry("2026-11-27", "harness.json", LedgerKind.Relax) { Floor = "accuracy/common", Reason = "new camera" });
        Assert.True(project.Build(project.Request with { Reports = ["html"] }));
        Assert.Contains("new camera", File.ReadAllText(Path.Combine(Folder(project), "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_nobody_knows_is_refused()
    {
        using var project = new TinyProject();
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => { project.Build(project.Request with { Reports = ["pdf"] }); }).Code);
    }

    private static string Folder(TinyProject project) => Path.GetDirectoryName(project.Request.StampFile)!;

    private static IEnumerable<string> Written(TinyProject project) =>
        Directory.EnumerateFiles(Folder(project)).Select(file => Path.GetFileName(file)).Intersect(Files).Order(StringComparer.Ordinal);
}
