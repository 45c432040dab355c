namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// The score interval of the ratio candidate / parent of two paired proportions, made from the margin form: the hypothesis
/// "ratio = r" is tested through candidate - r·parent, whose mean is then 0, so a small parent accuracy does no harm.
/// J. Nam, W. C. Blackwelder, "Analysis of the ratio of marginal probabilities in a matched-pair setting", Statistics in Medicine
/// 21 (2002) 689-699; N.-S. Tang, M.-L. Tang, I. S. F. Chan, ibid. 22 (2003) 1217-1233. At r = 1 it is McNemar's statistic.
/// </summary>
public static class RetentionInterval
{
    private const int Bisections = 100;

    /// <summary>The one-sided lower bound of candidate / parent.</summary>
    /// <param name="bothRight">Cases that both have right (a); a fraction is allowed when planning a larger sample.</param>
    /// <param name="parentOnly">Cases that only the parent has right (b); a + b is above 0.</param>
    /// <param name="candidateOnly">Cases that only the candidate has right (c).</param>
    /// <param name="confidence">0.5 to below 1.</param>
    /// <returns>A ratio of 0 or more. Cases that both have wrong do not move it.</returns>
    public static double LowerBound(double bothRight, double parentOnly, double candidateOnly, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bothRight + parentOnly);
        var z = StandardNormal.Quantile(confidence);
        var low = 0.0;
        var high = (bothRight + candidateOnly) / (bothRight + parentOnly);
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            if (Score(bothRight, parentOnly, candidateOnly, middle) > z) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>The score statistic of the hypothesis "candidate = <paramref name="ratio"/>·parent".</summary>
    public static double Score(double bothRight, double parentOnly, double candidateOnly, double ratio)
    {
        // With counts instead of shares, n cancels: the informative cases are those that at least one has right.
        var informative = bothRight + parentOnly + candidateOnly;
        var distance = bothRight + candidateOnly - ratio * (bothRight + parentOnly);
        if (ratio <= 0) return distance > 0 ? double.PositiveInfinity : 0;

        // The likeliest count of candidate-only cases under the hypothesis is the larger root of a quadratic.
        var a = ratio * (1 + ratio);
        var b = bothRight + candidateOnly - (bothRight + parentOnly + 2 * candidateOnly) * ratio * ratio;
        var c = -candidateOnly * ratio * (1 - ratio) * informative;
        var likeliestCandidateOnly = (Math.Sqrt(Math.Max(0, b * b - 4 * a * c)) - b) / (2 * a);
        var likeliestParentOnly = (1 - ratio) * informative + ratio * likeliestCandidateOnly;
        var variance = ratio * (likeliestParentOnly + likeliestCandidateOnly);
        if (variance > 0) return distance / Math.Sqrt(variance);
        return distance == 0 ? 0 : double.CopySign(double.PositiveInfinity, distance);
    }
}
