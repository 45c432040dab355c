namespace PruneBuild.Evaluation.Reports;

/// <summary>What was gained and what it cost: bytes, predicted time and accuracy of parent and candidate beside each other.</summary>
internal static class CostSection
{
    public static ReportSection? Of(EvaluationReport report)
    {
        List<BarPlot> plots = [];
        if (report.Sizes is { ParentBytes: > 0, ArtifactBytes: > 0 } sizes)
        {
            plots.Add(new BarPlot("Size", "model and weights, in bytes",
            [
                new Bar("parent", sizes.ParentBytes, Phrase.Bytes(sizes.ParentBytes), "parent"),
                new Bar("candidate", sizes.ArtifactBytes, Phrase.Bytes(sizes.ArtifactBytes), "candidate"),
            ]));
        }
        var times = PredictedTimes.Of(report.Layers);
        if (times.DenseFp32 > 0)
        {
            plots.Add(new BarPlot("Time", $"{Phrase.Count(times.Layers, "linear layer")}, predicted for {report.Device}",
            [
                new Bar("dense fp32", times.DenseFp32, Phrase.Microseconds(times.DenseFp32), "parent"),
                new Bar("candidate", times.Chosen, Phrase.Microseconds(times.Chosen), "candidate"),
            ]));
        }
        var all = report.Verdict.Overall;
        if (all.Cases > 0)
        {
            plots.Add(new BarPlot("Quality", "accuracy on all cases",
            [
                new Bar("parent", all.ParentAccuracy, Phrase.Percent(all.ParentAccuracy), "parent"),
                new Bar("candidate", all.CandidateAccuracy, Phrase.Percent(all.CandidateAccuracy), "candidate"),
            ]));
        }
        return plots.Count < 2 ? null : new ReportSection(
            "cost", "Size, time, quality",
            "Times are the planner's predictions for the linear layers alone, not measurements of the whole model; a layer whose kernel was timed on a device says so in its reason.",
            Markup.Of($"""<div class="trio">{plots.Select(plot => plot.ToMarkup())}</div>"""));
    }
}
