namespace PruneBuild.Evaluation;

/// <summary>What can be measured of a classifier from its predictions and the labels.</summary>
internal static class ClassificationMeasurements
{
    /// <summary>All of <see cref="Dimension.Classification"/>. No finite output is a wrong answer.</summary>
    public static IReadOnlyList<Measurement> Of(CaseSet cases, Predictions parent, Predictions candidate)
    {
        int[] labels = [.. cases.Labels], before = [.. parent.Classes], after = [.. candidate.Classes];
        return
        [
            Mean(Dimension.Accuracy, i => before[i] == labels[i], i => after[i] == labels[i]),
            Metric(Dimension.BalancedAccuracy, tally => tally.BalancedAccuracy),
            Metric(Dimension.MacroF1, tally => tally.MacroF1),
            Metric(Dimension.MatthewsCorrelation, tally => tally.MatthewsCorrelation),
            Mean(Dimension.Agreement, _ => true, i => after[i] == before[i]),
            Mean(Dimension.Flips, _ => false, i => after[i] != before[i]),
            Mean(Dimension.RightToWrong, _ => false, i => before[i] == labels[i] && after[i] != labels[i]),
        ];

        MeanMeasurement Mean(Dimension dimension, Func<int, bool> parentScores, Func<int, bool> candidateScores) =>
            new(dimension, Scores(parentScores), Scores(candidateScores));

        double[] Scores(Func<int, bool> scores) => [.. Enumerable.Range(0, labels.Length).Select(i => scores(i) ? 1.0 : 0.0)];

        MetricMeasurement Metric(Dimension dimension, Func<ClassTally, double> metric) => new(
            dimension, selected => metric(new ClassTally(selected, labels, before)), selected => metric(new ClassTally(selected, labels, after)));
    }
}
