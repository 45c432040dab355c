namespace PruneBuild.Evaluation.Scorers;

/// <summary>Which end of a scorer's range is the good one.</summary>
public enum ScoreDirection
{
    /// <summary>More is better.</summary>
    Higher,

    /// <summary>Less is better.</summary>
    Lower,

    /// <summary>Neither end: a floor bounds it from both sides.</summary>
    Neither,
}
