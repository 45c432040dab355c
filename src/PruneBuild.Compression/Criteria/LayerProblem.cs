using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Criteria;

/// <summary>One weight to prune.</summary>
/// <param name="Weights">W, [outputs, inputs] row-major, finite.</param>
/// <param name="Outputs">Rows.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Pattern">Which weights may be zero together.</param>
/// <param name="Sparsity">Fraction of units to zero, 0 to 1; N:M patterns bring their own.</param>
public sealed record LayerProblem(ReadOnlyMemory<float> Weights, int Outputs, int Inputs, SparsityPattern Pattern, double Sparsity)
{
    /// <summary>Of the layer's input; null where the criterion needs none.</summary>
    public InputStatistics? Statistics { get; init; }

    /// <summary>Whether a bias will restore the mean output: then only the inputs' variation has to be made up for.</summary>
    public bool BiasFollows { get; init; }

    /// <summary>Most threads to use.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Observed between columns or rows.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>For a loop over chunks of outputs.</summary>
    internal ParallelOptions Parallel => new() { MaxDegreeOfParallelism = Math.Max(1, Threads), CancellationToken = Cancellation };
}

/// <summary>A pruned weight.</summary>
/// <param name="Weights">[outputs, inputs]; exactly zero where the mask says so.</param>
/// <param name="Keep">The mask, true where a weight stays.</param>
/// <param name="Reason">Why another criterion was used than the one asked for, or null.</param>
public sealed record PrunedLayer(float[] Weights, bool[] Keep, string? Reason = null)
{
    /// <summary>The weights as a packed format stores them, where they were rounded as well: <see cref="Weights"/> is exactly what they stand for.</summary>
    public byte[]? Packed { get; init; }

    /// <summary>What stays keeps its value.</summary>
    /// <param name="dense">W, [outputs, inputs].</param>
    /// <param name="keep">The mask, of the same length.</param>
    public static PrunedLayer Masked(ReadOnlySpan<float> dense, bool[] keep)
    {
        var weights = new float[dense.Length];
        for (var index = 0; index < weights.Length; index++)
            weights[index] = keep[index] ? dense[index] : 0;
        return new PrunedLayer(weights, keep);
    }
}
