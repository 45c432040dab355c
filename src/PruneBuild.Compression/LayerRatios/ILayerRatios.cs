namespace PruneBuild.Compression.LayerRatios;

/// <summary>Divides a model's sparsity among its layers.</summary>
public interface ILayerRatios
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether it looks at what pruning costs each layer.</summary>
    bool NeedsCurves { get; }

    /// <summary>Chooses the sparsity of every weight.</summary>
    /// <param name="layers">The weights; without errors where <see cref="NeedsCurves"/> is false.</param>
    /// <param name="sparsity">Fraction of zeros over all of them.</param>
    /// <returns>One sparsity for each layer; weighted by elements their mean is <paramref name="sparsity"/>.</returns>
    double[] Allocate(IReadOnlyList<LayerCurve> layers, double sparsity);
}
