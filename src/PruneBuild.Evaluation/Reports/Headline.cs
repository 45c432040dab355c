using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Reports;

/// <summary>The verdict in one sentence.</summary>
/// <param name="Word">One or two words.</param>
/// <param name="Look">As <see cref="CheckState.Look"/>.</param>
/// <param name="Sentence">The sentence, without the model's name.</param>
internal sealed record Headline(string Word, string Look, string Sentence)
{
    public static Headline Of(EvaluationReport report)
    {
        var floors = report.Floors;
        var open = floors.Where(floor => floor.State.Rank > 0).OrderByDescending(floor => floor.State.Rank).ToList();
        var cases = $"{Phrase.Count(report.Verdict.Cases, "case")}";
        if (!report.MayShip)
        {
            var blocking = floors.Count(floor => floor.Blocks);
            var worst = report.Diagnostics.First(diagnostic => diagnostic.Severity == Severity.Error);
            var sentence = floors.FirstOrDefault(floor => floor.Diagnostic == worst)?.Sentence ?? worst.Message;
            var start = blocking == 0 ? "It may not ship" : $"{blocking} of {Phrase.Count(floors.Count, "floor")} {(blocking == 1 ? "keeps" : "keep")} it from shipping";
            return new Headline(open.Exists(floor => floor.State.Look == "bad") || blocking == 0 ? "Fails" : "Undecided", "bad", $"{start}: {sentence}.");
        }
        if (open.Count > 0)
        {
            var states = string.Join(", ", open.GroupBy(floor => floor.State.Word).Select(group => $"{group.Count()} {group.Key}"));
            return new Headline("May ship, not all is certain", "unsure", $"{floors.Count - open.Count} of {Phrase.Count(floors.Count, "floor")} cleared on {cases}; {states}.");
        }
        var size = report.Sizes is { ArtifactBytes: > 0 } sizes && sizes.ParentBytes > sizes.ArtifactBytes
            ? $"; the artifact is {Phrase.Factor((double)sizes.ParentBytes / sizes.ArtifactBytes)} times smaller than its dense parent" : "";
        var cleared = floors.Count == 1 ? "Its floor is" : $"All {Phrase.Count(floors.Count)} floors are";
        return floors.Count == 0
            ? new Headline("Not gated", "neutral", $"The harness has no floors; {cases} were evaluated.")
            : new Headline("Passes", "good", $"{cleared} cleared on {cases}{size}.");
    }
}
