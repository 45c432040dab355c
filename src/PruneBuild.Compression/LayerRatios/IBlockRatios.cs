namespace PruneBuild.Compression.LayerRatios;

/// <summary>The mean cosine of what enters and what leaves each layer of a model from which some units are gone.</summary>
/// <param name="ratios">Fraction of its units that each layer has lost; all 0 for the dense model.</param>
public delegate IReadOnlyList<double> LayerCosines(IReadOnlyList<double> ratios);

/// <summary>Divides what structured pruning removes among the layers of a transformer: attention heads and neurons of one layer alike.</summary>
public interface IBlockRatios
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>The most that one layer can lose.</summary>
    double Most { get; }

    /// <summary>Chooses the fraction of its units that each layer loses.</summary>
    /// <param name="sizes">Weights of each layer that can go, above 0.</param>
    /// <param name="ratio">Fraction of all of them to remove, 0 to <see cref="Most"/>.</param>
    /// <param name="cosines">Measures a pruned model; may be called any number of times.</param>
    /// <returns>One ratio a layer, 0 to <see cref="Most"/>; weighted by sizes their mean is <paramref name="ratio"/>.</returns>
    double[] Allocate(IReadOnlyList<double> sizes, double ratio, LayerCosines cosines);
}
