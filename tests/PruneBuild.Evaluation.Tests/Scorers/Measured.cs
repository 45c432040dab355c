using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers;

/// <summary>Scores of whole samples, and golden values to one millionth.</summary>
internal static class Measured
{
    public static Score Sample<TCase>(ISampleScorer<TCase> scorer, params IReadOnlyList<TCase> cases) => scorer.Prepare(cases).MeasureAll();

    public static Score Mean<TCase>(ICaseScorer<TCase> scorer, params IReadOnlyList<TCase> cases) => CaseScores.Of(scorer, cases).Mean;

    public static void Is(double golden, Score score)
    {
        Assert.True(score.IsMeasured, score.Reason);
        Assert.Equal(golden, score.Value!.Value, tolerance: 1e-6);
    }

    public static void IsMissing(string reason, Score score)
    {
        Assert.Null(score.Value);
        Assert.Contains(reason, score.Reason, StringComparison.Ordinal);
    }

    /// <summary>Cases of a classifier that gives no probabilities.</summary>
    public static ClassificationCase[] Answers(int[] labels, int[] answers) =>
        [.. labels.Zip(answers, (label, answer) => new ClassificationCase(label, answer))];

    /// <summary>Cases of a classifier that gives probabilities.</summary>
    public static ClassificationCase[] Probabilities(int[] labels, params double[][] rows) =>
        [.. labels.Zip(rows, (label, row) => new ClassificationCase(label, Array.IndexOf(row, row.Max()), row))];

    /// <summary>The same from numbers that do not add up to 1, which each row is scaled to.</summary>
    public static ClassificationCase[] Scaled(int[] labels, params double[][] rows) =>
        Probabilities(labels, [.. rows.Select(row => row.Select(value => value / row.Sum()).ToArray())]);
}
