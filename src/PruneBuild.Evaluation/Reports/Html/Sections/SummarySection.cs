using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Reports;

/// <summary>The top of the page: the verdict in one sentence and the few numbers behind it.</summary>
internal static class SummarySection
{
    public static Markup Of(EvaluationReport report)
    {
        var headline = Headline.Of(report);
        string[] about = [report.Verdict.Rid, report.Device, report.Verdict.Task, report.Tool.Length > 0 ? $"PruneBuild {report.Tool}" : ""];
        return Markup.Of($"""
            <header>
            <p class="about">{string.Join(" · ", about.Where(text => text.Length > 0))}</p>
            <h1>{report.Name}</h1>
            <div class="verdict {headline.Look}">{Badge.Sign(headline.Look)}<p><strong>{headline.Word}.</strong> {headline.Sentence}</p></div>
            {Others(report)}<dl class="tiles">
            {Tiles(report)}</dl>
            </header>

            """);
    }

    /// <summary>What the build says beyond single floors, for example that the lock does not fit.</summary>
    private static Markup Others(EvaluationReport report)
    {
        var spoken = report.Floors.Select(floor => floor.Diagnostic).ToHashSet();
        var others = report.Diagnostics.Where(diagnostic => !spoken.Contains(diagnostic)).ToList();
        return others.Count == 0 ? Markup.None : Markup.Of($"""
            <ul class="others">{others.Select(diagnostic => Markup.Of($"<li>{Badge.Of(diagnostic.Code, diagnostic.Severity == Severity.Error ? "bad" : "unsure")} {diagnostic.Message}</li>"))}</ul>

            """);
    }

    private static IEnumerable<Markup> Tiles(EvaluationReport report)
    {
        var (floors, all) = (report.Floors, report.Verdict.Overall);
        yield return Tile("Floors cleared", $"{floors.Count(floor => floor.State.Rank == 0)} of {floors.Count}", Phrase.Count(report.Verdict.Slices.Count, "slice"));
        if (all.Cases > 0)
        {
            yield return Tile("Accuracy, all cases", Phrase.Percent(all.CandidateAccuracy), $"parent {Phrase.Percent(all.ParentAccuracy)}, {Phrase.Points(-all.Drop)} points");
            yield return Tile("Answers that changed", Phrase.Count(all.ChangedAnswers), $"{all.RightToWrong} lost, {all.WrongToRight} won, of {Phrase.Count(all.Cases, "case")}");
        }
        if (report.Sizes is { ParentBytes: > 0, ArtifactBytes: > 0 } sizes)
            yield return Tile("Size", Phrase.Bytes(sizes.ArtifactBytes), $"parent {Phrase.Bytes(sizes.ParentBytes)}, {Phrase.Factor((double)sizes.ParentBytes / sizes.ArtifactBytes)} times smaller");
        if (PredictedTimes.Of(report.Layers) is { Chosen: > 0 } times)
            yield return Tile("Linear layers, predicted", Phrase.Microseconds(times.Chosen), $"dense fp32 {Phrase.Microseconds(times.DenseFp32)}, {Phrase.Factor(times.DenseFp32 / times.Chosen)} times faster");
    }

    private static Markup Tile(string title, string value, string note) => Markup.Of($"""
        <div><dt>{title}</dt><dd><b>{value}</b><small>{note}</small></dd></div>

        """);
}
