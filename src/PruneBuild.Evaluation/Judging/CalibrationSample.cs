namespace PruneBuild.Evaluation.Judging;

/// <summary>Whose output was judged.</summary>
public enum OutputRole
{
    /// <summary>The dense parent's.</summary>
    Parent,

    /// <summary>A pruned candidate's.</summary>
    Pruned,
}

/// <summary>One line of <c>calibration.jsonl</c>: an output that a person labelled.</summary>
/// <param name="Question">The case and the output.</param>
/// <param name="Role">Whose output it is.</param>
/// <param name="Human">The person's label.</param>
/// <param name="At">Where the line is.</param>
public sealed record CalibrationSample(JudgeQuestion Question, OutputRole Role, JudgeLabel Human, SourceLocation At);
