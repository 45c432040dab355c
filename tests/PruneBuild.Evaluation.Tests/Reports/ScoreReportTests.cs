using PruneBuild.Evaluation.Reports;
using PruneBuild.Evaluation.Tests.Tasks;

namespace PruneBuild.Evaluation.Tests.Reports;

public class ScoreReportTests
{
    [Fact]
    public void A_task_without_right_answers_is_reported_by_its_scores_alone()
    {
        using var folder = new TemporaryFolder();
        float[] targets = [.. Enumerable.Range(0, 40).Select(i => (float)i)];
        var (harness, cases) = TaskFiles.Regression(
            folder, """{ "dimension": "precision", "slice": "*", "min": 0.5 }, { "metric": "rmse", "slice": "*", "max": 3, "mode": "point" }""", targets, targets,
            """ "dimensions": [ { "name": "precision", "scorers": [ { "scorer": "mae", "zeroAt": 4, "oneAt": 0 } ] } ], """);
        var verdict = Gate.Judge(harness, cases, new EvaluatedModels(TaskFiles.Rows(targets), TaskFiles.Rows(targets.Select(target => target + 1))), "linux-arm64").Verdict;
        var report = new EvaluationReport { Name = "meter", Verdict = verdict, Diagnostics = verdict.ToDiagnostics(), SourceRoot = folder.Path };

        var html = HtmlReport.Write(report);
        var markdown = MarkdownSummary.Write(report);

        Assert.Equal(CheckResult.Pass, verdict.Result);
        Assert.Contains("All 2 floors are cleared on 40 cases", html, StringComparison.Ordinal);
        Assert.Contains("""<td class="number"><span class="bad">&#x2B;1.00</span></td>""", html, StringComparison.Ordinal);
        Assert.Contains("precision ≥ 0.50", html, StringComparison.Ordinal);
        Assert.DoesNotContain(">Accuracy", html, StringComparison.Ordinal);
        Assert.Contains("| rmse | common | 40 | 0 | 1 | +1.00 |", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("Parent against candidate", markdown, StringComparison.Ordinal);
        foreach (var text in (string[])[JunitReport.Write(report), TrxReport.Write(report)])
            Assert.Contains("rmse", text, StringComparison.Ordinal);
    }
}
