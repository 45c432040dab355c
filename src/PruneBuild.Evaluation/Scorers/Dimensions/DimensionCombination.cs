namespace PruneBuild.Evaluation.Scorers;

/// <summary>How several scorers of one dimension become one number.</summary>
public enum DimensionCombination
{
    /// <summary>Their mean, all with the same weight.</summary>
    Mean,

    /// <summary>The worst of them: all must hold.</summary>
    Minimum,
}
