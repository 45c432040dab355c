namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The bound of (candidate − chance) / (parent − chance) of two paired proportions. The hypothesis "ratio = r" is tested through
/// candidate − r·parent, whose mean is then chance·(1 − r) (Fieller 1954), with one case added to either kind of discordant pair
/// so that samples without discordance are no certainty (D. G. Bonett, R. M. Price, "Adjusted Wald confidence interval for a
/// difference of binomial proportions based on paired data", Journal of Educational and Behavioral Statistics 37 (2012) 479-488).
/// </summary>
public static class AdjustedRetentionInterval
{
    private const int Bisections = 100;

    /// <summary>Standard errors above chance below which a parent's accuracy is no base for a ratio.</summary>
    public const double InformativeErrors = 2;

    /// <summary>Whether the parent is so far above chance that a ratio means something.</summary>
    /// <param name="parentRight">Cases that the parent has right.</param>
    /// <param name="cases">n, at least 1.</param>
    /// <param name="chance">Accuracy of guessing, 0 to 1.</param>
    public static bool IsInformative(double parentRight, double cases, double chance)
    {
        var accuracy = parentRight / cases;
        return accuracy > chance && accuracy - chance >= InformativeErrors * StandardError(parentRight, cases);
    }

    /// <summary>√(p (1 − p) / n).</summary>
    public static double StandardError(double right, double cases) => Math.Sqrt(right / cases * (1 - (right / cases)) / cases);

    /// <summary>The one-sided lower bound, 0 or more.</summary>
    /// <param name="bothRight">Cases that both have right (a); a fraction is allowed when planning a larger sample.</param>
    /// <param name="parentOnly">Cases that only the parent has right (b).</param>
    /// <param name="candidateOnly">Cases that only the candidate has right (c).</param>
    /// <param name="cases">n.</param>
    /// <param name="chance">Accuracy of guessing, below that of the parent.</param>
    /// <param name="confidence">0.5 to below 1.</param>
    public static double LowerBound(double bothRight, double parentOnly, double candidateOnly, double cases, double chance, double confidence)
    {
        var z = StandardNormal.Quantile(confidence);
        var low = 0.0;
        var high = Math.Max(0, (((bothRight + candidateOnly) / cases) - chance) / (((bothRight + parentOnly) / cases) - chance));
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            if (Score(bothRight, parentOnly + 1, candidateOnly + 1, cases + 2, chance, middle) > z) low = middle;
            else high = middle;
        }
        return low;
    }

    private static double Score(double bothRight, double parentOnly, double candidateOnly, double cases, double chance, double ratio)
    {
        // One case scores 1-r when both are right, -r for the parent alone and 1 for the candidate alone.
        var mean = ((bothRight * (1 - ratio)) - (parentOnly * ratio) + candidateOnly) / cases;
        var meanSquare = ((bothRight * (1 - ratio) * (1 - ratio)) + (parentOnly * ratio * ratio) + candidateOnly) / cases;
        return (mean - (chance * (1 - ratio))) / Math.Sqrt((meanSquare - (mean * mean)) / cases);
    }
}
