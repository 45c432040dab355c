using MathNet.Numerics.Distributions;

namespace PruneBuild.Evaluation.Statistics;

/// <summary>
/// McNemar's test that two paired proportions are equal, in its exact mid-p form. M. W. Fagerland, S. Lydersen, P. Laake, "The McNemar
/// test for binary matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC Medical Research Methodology 13:91 (2013).
/// </summary>
public static class McNemarTest
{
    /// <summary>The two-sided mid-p value; 1 when no case is discordant.</summary>
    /// <param name="parentOnly">Cases that only the parent has right (b).</param>
    /// <param name="candidateOnly">Cases that only the candidate has right (c).</param>
    public static double MidP(int parentOnly, int candidateOnly)
    {
        var discordant = parentOnly + candidateOnly;
        if (discordant == 0) return 1;
        var fewer = Math.Min(parentOnly, candidateOnly);
        var tail = Binomial.CDF(0.5, discordant, fewer) - Binomial.PMF(0.5, discordant, fewer) / 2;
        return Math.Min(1, 2 * tail);
    }
}
