using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Recovery;

namespace PruneBuild.Compression.Pruning;

/// <summary>How to prune a model.</summary>
public sealed record PruneOptions
{
    /// <summary>Which weights may be zero together.</summary>
    public SparsityPattern Pattern { get; init; } = new UnstructuredPattern();

    /// <summary>Fraction of zeros, 0 to 1; N:M patterns bring their own.</summary>
    public double Sparsity { get; init; } = 0.5;

    /// <summary>How importance is scored.</summary>
    public IPruningCriterion Criterion { get; init; } = new Magnitude();

    /// <summary>How the sparsity is divided among the layers; N:M patterns leave no choice.</summary>
    public ILayerRatios Ratios { get; init; } = new UniformRatios();

    /// <summary>What each weight, pruned alone, costs the model; for ratios that need it, from <see cref="LayerRatios.LossCurves.Measure"/>.</summary>
    public IReadOnlyList<LayerCurve>? LossCurves { get; init; }

    /// <summary>What repairs the output.</summary>
    public RecoveryMethod Recovery { get; init; }

    /// <summary>λ of least-squares recovery as a fraction of the covariance's mean diagonal.</summary>
    public double Ridge { get; init; } = LeastSquaresRecovery.DefaultRidge;

    /// <summary>Permits unstructured sparsity above 0.7.</summary>
    public bool AllowExtremeSparsity { get; init; }

    /// <summary>Leaves the first and the last layer dense.</summary>
    public bool ProtectFirstLast { get; init; }

    /// <summary>Layers or weights to leave dense: names, or globs with * and ?.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>Other settings for some layers; the last that matches counts.</summary>
    public IReadOnlyList<LayerOverride> PerLayer { get; init; } = [];

    /// <summary>Receives what pruning costs each layer, where <see cref="Ratios"/> look at that; may be null.</summary>
    public ICollection<LayerCurve>? Curves { get; init; }

    /// <summary>
    /// The packed format of <see cref="Pattern"/> to whose levels every recovered layer is rounded before the next one is pruned, by
    /// <see cref="Quantization.RunGptq"/>; null to leave weights float. Needs statistics; convolutions stay float.
    /// </summary>
    public Runtime.PackedFormat? Levels { get; init; }

    /// <summary>Whether <see cref="Levels"/> are chosen together with the mask, by <see cref="SparseGptq"/> in place of the criterion.</summary>
    public bool LevelsWithMask { get; init; }

    /// <summary>Layers or weights that stay float whatever the levels: names, or globs with * and ?.</summary>
    public IReadOnlyList<string> WithoutLevels { get; init; } = [];

    /// <summary>Receives the packed weights, by the name of the stored weight, where they are rounded; may be null.</summary>
    public IDictionary<string, byte[]>? Packed { get; init; }

    /// <summary>Most threads to use; the result is the same for any.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>Settings for some layers.</summary>
/// <param name="Match">Name of a layer or of its weight, or a glob with * and ?.</param>
/// <param name="Pattern">Instead of the model's, or null.</param>
/// <param name="Sparsity">Instead of the model's, or null.</param>
public sealed record LayerOverride(string Match, SparsityPattern? Pattern = null, double? Sparsity = null);
