using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Recovery;

/// <summary>
/// Fits every output j to A_j ŷ_j + B_j (SlimLLM, Guo et al. 2025): A_j = cov(ŷ_j, y_j) / var(ŷ_j) from the input's covariance,
/// folded into the weights; B_j restores the mean.
/// </summary>
public static class LinearRegressionRecovery
{
    private const double Lowest = 0.5;
    private const double Highest = 2;
    private const double LeastGain = 1e-4;

    /// <summary>The scaled weights.</summary>
    /// <param name="dense">W, [rows, K].</param>
    /// <param name="masked">W with the removed inputs zero, [rows, K].</param>
    /// <param name="statistics">Of the input, K features.</param>
    /// <returns>diag(A) W', [rows, K]; A is 1 where the output hardly varies or the fit explains hardly more, and within 0.5 to 2.</returns>
    public static float[] Fit(ReadOnlySpan<float> dense, ReadOnlySpan<float> masked, InputStatistics statistics)
    {
        var inputs = statistics.Inputs;
        var covariance = statistics.Covariance();
        var scaled = masked.ToArray();
        for (var row = 0; row < dense.Length / inputs; row++)
        {
            var part = masked.Slice(row * inputs, inputs);
            var (joint, variance, total) = Moments(dense.Slice(row * inputs, inputs), part, covariance);
            if (!(variance > 1e-12 * total))
                continue;
            var factor = Math.Clamp(joint / variance, Lowest, Highest);
            // Errors of y − ŷ and of y − A ŷ, as fractions of the variance of y.
            var gain = ((-2 * joint) + variance + (2 * factor * joint) - (factor * factor * variance)) / total;
            if (gain < LeastGain)
                continue;
            for (var input = 0; input < inputs; input++)
                scaled[(row * inputs) + input] = (float)(part[input] * factor);
        }
        return scaled;
    }

    /// <summary>cov(ŷ, y), var(ŷ) and var(y) of one output.</summary>
    private static (double Joint, double Variance, double Total) Moments(ReadOnlySpan<float> full, ReadOnlySpan<float> part, double[] covariance)
    {
        double joint = 0, variance = 0, total = 0;
        for (var row = 0; row < full.Length; row++)
        {
            double fromFull = 0, fromPart = 0;
            var line = covariance.AsSpan(row * full.Length, full.Length);
            for (var column = 0; column < line.Length; column++)
            {
                fromFull += line[column] * full[column];
                fromPart += line[column] * part[column];
            }
            joint += part[row] * fromFull;
            variance += part[row] * fromPart;
            total += full[row] * fromFull;
        }
        return (joint, variance, total);
    }
}
