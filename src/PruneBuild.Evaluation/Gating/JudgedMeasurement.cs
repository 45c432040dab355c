using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Evaluation;

/// <summary>One part of a dimension that a judge has a part in.</summary>
/// <param name="Weight">Its weight.</param>
/// <param name="Parent">The dense parent's score on every case.</param>
/// <param name="Candidate">The candidate's.</param>
/// <param name="ParentCorrection">What people would have said of the parent's.</param>
/// <param name="CandidateCorrection">The same of the candidate's.</param>
internal sealed record JudgedTerm(double Weight, double[] Parent, double[] Candidate, ScoreCorrection ParentCorrection, ScoreCorrection CandidateCorrection)
{
    public double Mean(ReadOnlySpan<int> cases, bool ofCandidate)
    {
        var scores = ofCandidate ? Candidate : Parent;
        var sum = 0.0;
        foreach (var index in cases) sum += scores[index];
        return (ofCandidate ? CandidateCorrection : ParentCorrection).Apply(sum / cases.Length);
    }
}

/// <summary>A dimension that a judge has a part in: means of what people would have said, corrected by the judge's calibration.</summary>
/// <param name="Dimension">What is measured.</param>
/// <param name="Terms">Its parts, whose weights sum to 1.</param>
internal sealed record JudgedMeasurement(Dimension Dimension, IReadOnlyList<JudgedTerm> Terms) : Measurement(Dimension)
{
    /// <summary>Why a case has no score; null when all have one.</summary>
    public string? Reason { get; init; }

    public override double Parent(ReadOnlySpan<int> cases) => Mean(cases, ofCandidate: false);

    public override double Candidate(ReadOnlySpan<int> cases) => Mean(cases, ofCandidate: true);

    internal override string? Why(int[] cases) => Reason;

    private double Mean(ReadOnlySpan<int> cases, bool ofCandidate)
    {
        var sum = 0.0;
        foreach (var term in Terms) sum += term.Weight * term.Mean(cases, ofCandidate);
        return Math.Clamp(sum, 0, 1);
    }
}
