namespace PruneBuild.Compression.Pruning;

/// <summary>
/// Sparsity that rises fast while weights are plentiful and slowly towards the end: s_t = s_f (1 − (1 − t/n)³) (Zhu and Gupta 2017,
/// "To prune, or not to prune"). Weights that are left recover between the steps.
/// </summary>
public static class CubicSchedule
{
    /// <summary>The sparsity after each step, ascending; the last is <paramref name="final"/> exactly.</summary>
    /// <param name="final">s_f, 0 to 1.</param>
    /// <param name="steps">n, at least 1.</param>
    public static IReadOnlyList<double> Sparsities(double final, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        return [.. Enumerable.Range(1, steps).Select(step => step == steps ? final : final * (1 - Math.Pow(1 - (step / (double)steps), 3)))];
    }
}
