using PruneBuild.Evaluation.Scorers;

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

    /// <summary>What has to be the same for its values to be comparable; null for most.</summary>
    public string? Signature { get; init; }

    /// <summary>Which cases say something about it; null for all.</summary>
    internal bool[]? Applies { get; init; }

    /// <summary>Why the judge that has a part in it is not valid; null when it is, or when none has.</summary>
    internal string? JudgeFault { get; init; }

    /// <summary>Those of the cases that say something about it.</summary>
    internal int[] Among(int[] cases) => Applies is null ? cases : [.. cases.Where(index => Applies[index])];

    /// <summary>Everything that its values depend on beside outputs and cases; null when the name says it all.</summary>
    internal string? Definition { get; init; }

    /// <summary>Why there is no value on some cases; null when nobody knows.</summary>
    internal virtual string? Why(int[] cases) => null;
}

/// <summary>What is known of both models without cases, such as their size: it has no uncertainty.</summary>
/// <param name="Dimension">What is measured.</param>
/// <param name="ParentScore">The dense parent's value.</param>
/// <param name="CandidateScore">The candidate's.</param>
public sealed record ExactMeasurement(Dimension Dimension, Score ParentScore, Score CandidateScore) : Measurement(Dimension)
{
    /// <inheritdoc/>
    public override double Parent(ReadOnlySpan<int> cases) => ParentScore.Value ?? double.NaN;

    /// <inheritdoc/>
    public override double Candidate(ReadOnlySpan<int> cases) => CandidateScore.Value ?? double.NaN;

    /// <inheritdoc/>
    internal override string? Why(int[] cases) => ParentScore.Reason ?? CandidateScore.Reason;
}

/// <summary>A dimension that is the mean of what each case scores. A case with NaN leaves every sample that holds it without a value.</summary>
/// <param name="Dimension">What is measured.</param>
/// <param name="ParentScores">The dense parent's score on every case.</param>
/// <param name="CandidateScores">The candidate's.</param>
public sealed record MeanMeasurement(Dimension Dimension, double[] ParentScores, double[] CandidateScores) : Measurement(Dimension)
{
    /// <summary>Why a case has no score; null when all have one.</summary>
    internal string? Reason { get; init; }

    /// <summary>Whether every score that there is is 0 or 1, in a dimension that ends there.</summary>
    public bool IsBinary { get; } = Dimension is { Lowest: 0, Highest: 1 } && ParentScores.All(IsZeroOrOne) && CandidateScores.All(IsZeroOrOne);

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

    /// <inheritdoc/>
    internal override string? Why(int[] cases) => Reason;

    private static bool IsZeroOrOne(double score) => score is 0 or 1 || double.IsNaN(score);
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

    /// <summary>Why there is no value on some cases.</summary>
    internal Func<int[], string?> ReasonOn { get; init; } = _ => null;

    /// <inheritdoc/>
    internal override string? Why(int[] cases) => ReasonOn(cases);
}
