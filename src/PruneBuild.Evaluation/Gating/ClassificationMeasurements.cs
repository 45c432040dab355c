using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>What can be measured of a classifier from its predictions and the labels.</summary>
internal static class ClassificationMeasurements
{
    /// <summary>Those of <see cref="Dimension.Classification"/> that are wanted. No finite output is a wrong answer.</summary>
    public static IReadOnlyList<Measurement> Of(CaseSet cases, Predictions parent, Predictions candidate, Func<Dimension, bool> wanted)
    {
        int[] labels = [.. cases.Labels], before = [.. parent.Classes], after = [.. candidate.Classes];
        (Dimension Dimension, Func<Dimension, Measurement> Measure)[] known =
        [
            (Dimension.Accuracy, dimension => Mean(dimension, i => before[i] == labels[i], i => after[i] == labels[i])),
            (Dimension.BalancedAccuracy, dimension => Metric(dimension, new BalancedAccuracy())),
            (Dimension.MacroF1, dimension => Metric(dimension, new F1Score(F1Average.Macro))),
            (Dimension.MatthewsCorrelation, dimension => Metric(dimension, new MatthewsCorrelation())),
            (Dimension.Agreement, dimension => Mean(dimension, _ => true, i => after[i] == before[i])),
            (Dimension.Flips, dimension => Mean(dimension, _ => false, i => after[i] != before[i])),
            (Dimension.RightToWrong, dimension => Mean(dimension, _ => false, i => before[i] == labels[i] && after[i] != labels[i])),
        ];
        return [.. known.Where(one => wanted(one.Dimension)).Select(one => one.Measure(one.Dimension))];

        MeanMeasurement Mean(Dimension dimension, Func<int, bool> parentScores, Func<int, bool> candidateScores) =>
            new(dimension, Scores(parentScores), Scores(candidateScores));

        double[] Scores(Func<int, bool> scores) => [.. Enumerable.Range(0, labels.Length).Select(i => scores(i) ? 1.0 : 0.0)];

        MetricMeasurement Metric(Dimension dimension, SampleScorer<ClassificationCase> scorer) =>
            new(dimension, Prepare(scorer, before), Prepare(scorer, after));

        Func<ReadOnlySpan<int>, double> Prepare(SampleScorer<ClassificationCase> scorer, int[] answers) =>
            scorer.Prepare([.. labels.Zip(answers, (label, answer) => new ClassificationCase(label, answer))]).Resampled();
    }
}
