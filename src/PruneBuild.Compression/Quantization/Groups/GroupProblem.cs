using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Quantization;

/// <summary>A weight to quantize. Zeros are pruned weights: they stay exactly zero.</summary>
/// <param name="Weights">W, [outputs, inputs] row-major, finite.</param>
/// <param name="Outputs">Rows.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Format">Bits and groups.</param>
public sealed record GroupProblem(ReadOnlyMemory<float> Weights, int Outputs, int Inputs, GroupFormat Format)
{
    /// <summary>Of the layer's input; null where the method needs none.</summary>
    public InputStatistics? Statistics { get; init; }

    /// <summary>Whether the layer makes queries or keys, whose largest weights decide what attention looks at.</summary>
    public bool MakesScores { get; init; }

    /// <summary>Whether a bias will take back what rounding takes from the mean output, so that only the deviations from it count.</summary>
    public bool BiasFollows { get; init; }

    /// <summary>Most threads to use; the result is the same for any.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Observed between outputs or columns.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>For a loop over outputs.</summary>
    internal ParallelOptions Parallel => new() { MaxDegreeOfParallelism = Math.Max(1, Threads), CancellationToken = Cancellation };
}

/// <summary>Chooses the levels and grids of a weight.</summary>
public interface IGroupQuantizer
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether it looks at the layer's inputs.</summary>
    bool NeedsStatistics { get; }

    /// <summary>Whether <see cref="ActivationAwareScaling"/> is to run on the model first.</summary>
    bool ScalesFirst => false;

    /// <summary>Quantizes a weight.</summary>
    QuantizedMatrix Quantize(GroupProblem problem);
}
