using System.Runtime.InteropServices;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>What scorers of measured numbers say of parent and candidate under one profile. Times are milliseconds, one inference each.</summary>
internal static class PerformanceParts
{
    private const double MillisecondsPerSecond = 1000;

    public static ScoredPart Of(IScorer scorer, CaseSet cases, PerformanceRecord record) =>
        record.State == MeasurementState.NotMeasured ? Missing(scorer, cases, record)
        : scorer is ModelFigure figure ? OfModel(figure, record)
        : OfCases(scorer, cases, record);

    private static ScoredPart Missing(IScorer scorer, CaseSet cases, PerformanceRecord record)
    {
        var nothing = PreparedSample.NotMeasured(cases.Count, record.Reason ?? "nothing was measured");
        return new ScoredPart(scorer, scorer.Name) { Parent = nothing, Candidate = nothing };
    }

    private static ScoredPart OfModel(ModelFigure scorer, PerformanceRecord record)
    {
        var (parent, candidate) = (scorer.Samples(record.Parent), scorer.Samples(record.Candidate));
        var repeats = Math.Max(parent.Length, candidate.Length);
        if (repeats <= 1)
        {
            Score Single(double[] samples, ModelFigures figures) => samples.Length == 1 && figures.Failure is null ? Score.Of(samples[0]) : Score.NotMeasured(WhyNot(figures));
            return new ScoredPart(scorer, $"{scorer.Name}|{record.Date}") { Whole = (Single(parent, record.Parent), Single(candidate, record.Candidate)) };
        }
        PreparedSample Prepare(double[] samples, ModelFigures figures) =>
            figures.Failure is null && samples.Length == repeats ? scorer.Prepare(samples) : PreparedSample.NotMeasured(repeats, WhyNot(figures));
        return new ScoredPart(scorer, Identity(scorer, parent, candidate)) { Parent = Prepare(parent, record.Parent), Candidate = Prepare(candidate, record.Candidate), Repeats = repeats };
    }

    private static ScoredPart OfCases(IScorer scorer, CaseSet cases, PerformanceRecord record)
    {
        var applies = new bool[cases.Count];
        foreach (var index in record.Blocks) applies[index] = true;
        double[] Seconds(ModelFigures figures) => scorer is Percentile { Part: { } part } ? part(figures) : figures.Seconds;
        PreparedSample Prepare(ModelFigures figures) =>
            figures.Failure is null ? Drawn(scorer, Seconds(figures), record.Blocks, cases.Count) : PreparedSample.NotMeasured(cases.Count, WhyNot(figures));
        return new ScoredPart(scorer, Identity(scorer, Seconds(record.Parent), Seconds(record.Candidate)))
        {
            Parent = Prepare(record.Parent),
            Candidate = Prepare(record.Candidate),
            Applies = applies,
        };
    }

    /// <summary>A sample that is drawn by cases: all inferences of a case are drawn with it.</summary>
    private static PreparedSample Drawn(IScorer scorer, double[] seconds, int[] blocks, int count)
    {
        if (seconds.Length < blocks.Length * InterleavedRuns.PerBlock) return PreparedSample.NotMeasured(count, "only texts that a model writes have it");
        // A text of one token says nothing about those after it.
        int[] there = [.. Enumerable.Range(0, seconds.Length).Where(place => scorer is not Percentile { Part: not null } || !double.IsNaN(seconds[place]))];
        var rankOf = there.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        double[] milliseconds = [.. there.Select(place => seconds[place] * MillisecondsPerSecond)];
        var sample = scorer is ISampleScorer<double> ofSample ? ofSample.Prepare(milliseconds) : Measurements.Prepare(milliseconds, drawn => drawn.Average());
        var placesOf = blocks.Index().GroupBy(block => block.Item, block => block.Index).ToDictionary(
            group => group.Key, group => group.SelectMany(block => Enumerable.Range(block * InterleavedRuns.PerBlock, InterleavedRuns.PerBlock)).Where(rankOf.ContainsKey).Select(place => rankOf[place]).ToArray());
        return new PreparedSample(count, drawn =>
        {
            var places = new List<int>(drawn.Length * InterleavedRuns.PerBlock);
            foreach (var index in drawn)
            {
                if (placesOf.TryGetValue(index, out var found)) places.AddRange(found);
            }
            return places.Count == 0 ? Score.NotMeasured("none of the cases was timed") : sample.Measure(CollectionsMarshal.AsSpan(places));
        });
    }

    private static string WhyNot(ModelFigures figures) => figures.Failure ?? "this system does not tell it";

    private static string Identity(IScorer scorer, double[] parent, double[] candidate) =>
        $"{scorer.Name}|{MeasuredNumbers.Hash(parent, candidate)}";
}
