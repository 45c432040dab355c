namespace PruneBuild.Compression.Recovery;

/// <summary>
/// Restores the mean output: b = E[W x − W' x] = (W − W') μ (An et al. 2024, "Fluctuation-based Adaptive Structured Pruning",
/// bias compensation).
/// </summary>
public static class BiasRecovery
{
    /// <summary>What to add to the bias.</summary>
    /// <param name="dense">W, [rows, K].</param>
    /// <param name="edited">W', [rows, K].</param>
    /// <param name="mean">μ, [K].</param>
    /// <returns>[rows].</returns>
    public static double[] Fit(ReadOnlySpan<float> dense, ReadOnlySpan<float> edited, ReadOnlySpan<double> mean)
    {
        var bias = new double[dense.Length / mean.Length];
        for (var row = 0; row < bias.Length; row++)
            for (var input = 0; input < mean.Length; input++)
                bias[row] += ((double)dense[row * mean.Length + input] - edited[row * mean.Length + input]) * mean[input];
        return bias;
    }
}
