namespace PruneBuild.Evaluation;

/// <summary>
/// One dimension measured on the same cases for parent and candidate: all that the gate knows of how a task is scored. Either value can be
/// asked for any selection of cases, in which a resample may hold a case several times. NaN says that there is no value.
/// </summary>
/// <param name="Dimension">What is measured.</param>
public abstract record Measurement(Dimension Dimension)
{
    /// <summary>The dense parent's value on the cases with the given numbers.</summary>
    public abstract double Parent(ReadOnlySpan<int> cases);

    /// <summary>The candidate's value on them.</summary>
    public abstract double Candidate(ReadOnlySpan<int> cases);
}

/// <summary>A dimension that is the mean of what each case scores.</summary>
/// <param name="Dimension">What is measured.</param>
/// <param name="ParentScores">The dense parent's score on every case.</param>
/// <param name="CandidateScores">The candidate's.</param>
public sealed record MeanMeasurement(Dimension Dimension, double[] ParentScores, double[] CandidateScores) : Measurement(Dimension)
{
    /// <summary>Whether every score is 0 or 1.</summary>
    public bool IsBinary { get; } = ParentScores.All(IsZeroOrOne) && CandidateScores.All(IsZeroOrOne);

    /// <inheritdoc/>
    public override double Parent(ReadOnlySpan<int> cases) => Mean(ParentScores, cases);

    /// <inheritdoc/>
    public override double Candidate(ReadOnlySpan<int> cases) => Mean(CandidateScores, cases);

    private static double Mean(double[] scores, ReadOnlySpan<int> cases)
    {
        var sum = 0.0;
        foreach (var index in cases) sum += scores[index];
        return sum / cases.Length;
    }

    private static bool IsZeroOrOne(double score) => score is 0 or 1;
}

/// <summary>A dimension that is no mean of cases, such as F1, a correlation or a perplexity.</summary>
/// <param name="Dimension">What is measured.</param>
/// <param name="ParentMetric">The dense parent's value on a selection of cases.</param>
/// <param name="CandidateMetric">The candidate's.</param>
public sealed record MetricMeasurement(
    Dimension Dimension, Func<ReadOnlySpan<int>, double> ParentMetric, Func<ReadOnlySpan<int>, double> CandidateMetric) : Measurement(Dimension)
{
    /// <inheritdoc/>
    public override double Parent(ReadOnlySpan<int> cases) => ParentMetric(cases);

    /// <inheritdoc/>
    public override double Candidate(ReadOnlySpan<int> cases) => CandidateMetric(cases);
}
