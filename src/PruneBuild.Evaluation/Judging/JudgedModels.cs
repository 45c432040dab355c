namespace PruneBuild.Evaluation.Judging;

/// <summary>What a judge said of the texts of parent and candidate, or why it says nothing.</summary>
public sealed class JudgedModels
{
    internal JudgedModels(JudgeStatement statement, double[] parent, double[] candidate, ScoreCorrection parentCorrection, ScoreCorrection candidateCorrection) =>
        (Statement, Parent, Candidate, ParentCorrection, CandidateCorrection) = (statement, parent, candidate, parentCorrection, candidateCorrection);

    /// <summary>What the judge is worth, for the verdict.</summary>
    public JudgeStatement Statement { get; }

    /// <summary>Its score of the dense parent's text of every case; empty when it is not valid.</summary>
    public IReadOnlyList<double> ParentScores => Parent;

    /// <summary>The same of the candidate's.</summary>
    public IReadOnlyList<double> CandidateScores => Candidate;

    internal double[] Parent { get; }

    internal double[] Candidate { get; }

    internal ScoreCorrection ParentCorrection { get; }

    internal ScoreCorrection CandidateCorrection { get; }

    /// <summary>Why its scores do not count; null when they do.</summary>
    internal string? Fault => Statement.Faults is [var first, ..] ? $"{Statement.Name}: {first}" : null;

    /// <summary>Of a judge whose scores do not count: nothing was asked.</summary>
    internal static JudgedModels Invalid(JudgeStatement statement) => new(statement, [], [], ScoreCorrection.None, ScoreCorrection.None);
}
