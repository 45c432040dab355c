namespace PruneBuild.Evaluation.Scorers;

/// <summary>One scorer of a dimension.</summary>
/// <param name="Scorer">Its name: of the registry, a type of <c>expect</c>, or a user's own.</param>
/// <param name="Map">How its number becomes 0 to 1; null when it is in that range already, which is checked: nothing is cut off in silence.</param>
public sealed record DimensionScorer(string Scorer, ScoreMap? Map = null)
{
    /// <summary>The score as 0 to 1.</summary>
    public Score Apply(Score score)
    {
        if (Map is not null) return Map.Apply(score);
        return score.Value is < 0 or > 1
            ? Score.NotMeasured($"{score} is not from 0 to 1; give the scorer zeroAt and oneAt, or limit and target")
            : score;
    }
}
