using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Key-value groups and neurons go from every layer of a transformer, from each as many as the layer ratios say.</summary>
/// <param name="Remove">Fraction of their weights to remove, 0 to 1.</param>
public sealed record TransformerStep(double Remove)
{
    /// <summary>Key-value groups with the query heads that read them.</summary>
    public const string Heads = "heads";

    /// <summary>Neurons of the feed-forward networks.</summary>
    public const string Neurons = "neurons";

    /// <summary>uniform, slimllm or adapt-pruner.</summary>
    public string LayerRatios { get; init; } = "uniform";

    /// <summary>What goes: heads, neurons or both.</summary>
    public IReadOnlyList<string> Units { get; init; } = [Heads, Neurons];

    /// <summary>How neurons are scored; heads are scored by what the output projection makes of them.</summary>
    public string Criterion { get; init; } = "slimllm";

    /// <summary>none, bias, linear or least-squares.</summary>
    public string Recovery { get; init; } = "linear";

    /// <summary>Kept neurons of a layer are a multiple of this.</summary>
    public int Align { get; init; } = 1;
}
