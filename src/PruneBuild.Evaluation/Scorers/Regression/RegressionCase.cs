namespace PruneBuild.Evaluation.Scorers;

/// <summary>One answer of a model that gives numbers.</summary>
/// <param name="Target">The right number.</param>
/// <param name="Prediction">The number it gave, in the same unit.</param>
public sealed record RegressionCase(double Target, double Prediction)
{
    /// <summary>What the scores share: the pairs as two arrays, refused when a number is not finite.</summary>
    internal static PreparedSample Prepare(IReadOnlyList<RegressionCase> cases, Func<double[], double[], Score> score)
    {
        ArgumentNullException.ThrowIfNull(cases);
        return NumberPairs.Prepare([.. cases.Select(input => input.Target)], [.. cases.Select(input => input.Prediction)], score);
    }
}
