namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// How far the truth may lie from an estimate to which all cases contribute the same. No variance can be measured then, and a few
/// equal cases still prove little: Wilson's interval of n successes in n and Tango's of n pairs without discordance both end at
/// z² / (n + z²) of the range.
/// </summary>
public static class UnanimousBound
{
    /// <summary>The distance of the one-sided bound from the estimate.</summary>
    /// <param name="range">Largest minus smallest value that the mean of many cases can have on that side.</param>
    /// <param name="units">Independent cases or clusters.</param>
    /// <param name="confidence">0.5 to below 1.</param>
    public static double Distance(double range, double units, double confidence)
    {
        var z2 = Math.Pow(StandardNormal.Quantile(confidence), 2);
        return range * z2 / (units + z2);
    }
}
