using MathNet.Numerics.Distributions;

namespace PruneBuild.Evaluation.Statistics;

/// <summary>Quantiles of the standard normal distribution.</summary>
internal static class StandardNormal
{
    /// <summary>The z that a standard normal variable stays below with the given probability: 1.6449 for 0.95.</summary>
    public static double Quantile(double probability) => Normal.InvCDF(0, 1, probability);
}
