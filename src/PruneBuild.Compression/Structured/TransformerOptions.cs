using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Recovery;

namespace PruneBuild.Compression.Structured;

/// <summary>How to make the layers of a transformer narrower.</summary>
public sealed record TransformerOptions
{
    /// <summary>Fraction of the weights of heads and neurons to remove.</summary>
    public required double Ratio { get; init; }

    /// <summary>How it is divided among the layers.</summary>
    public IBlockRatios Ratios { get; init; } = new EqualRatios();

    /// <summary>Whether key-value groups go.</summary>
    public bool Heads { get; init; } = true;

    /// <summary>Whether neurons go.</summary>
    public bool Neurons { get; init; } = true;

    /// <summary>How the importance of neurons is scored; groups are chosen by <see cref="HeadImportance"/>.</summary>
    public IUnitCriterion Criterion { get; init; } = new FeatureSpace();

    /// <summary>What repairs the layers that read what is removed.</summary>
    public RecoveryMethod Recovery { get; init; }

    /// <summary>Kept neurons of a layer are a multiple of this, rounded up.</summary>
    public int Align { get; init; } = 1;

    /// <summary>λ of least squares as a fraction of the covariance's mean diagonal.</summary>
    public double Ridge { get; init; } = LeastSquaresRecovery.DefaultRidge;

    /// <summary>Most threads to use; the result is the same for any.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>What a layer lost.</summary>
/// <param name="Output">The layer's output value.</param>
/// <param name="Ratio">The ratio that it was given.</param>
/// <param name="Groups">Key-value groups before and after; 0 without attention that is understood.</param>
/// <param name="Neurons">Neurons before and after; 0 without a feed-forward that is understood.</param>
public sealed record LayerWidth(string Output, double Ratio, (int Before, int After) Groups, (int Before, int After) Neurons);

/// <summary>A transformer with narrower layers.</summary>
/// <param name="Layers">In node order.</param>
/// <param name="Structured">Classes, repaired layers and costs.</param>
public sealed record TransformerReport(IReadOnlyList<LayerWidth> Layers, StructuredReport Structured);
