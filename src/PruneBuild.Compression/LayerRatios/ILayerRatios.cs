namespace PruneBuild.Compression.LayerRatios;

/// <summary>Divides a model's sparsity among its layers.</summary>
public interface ILayerRatios
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether it looks at what pruning costs each layer's output, which statistics tell.</summary>
    bool NeedsCurves { get; }

    /// <summary>Whether it looks at what pruning each layer costs the model, which <see cref="LossCurves"/> measures.</summary>
    bool NeedsLossCurves => false;

    /// <summary>Chooses the sparsity of every weight.</summary>
    /// <param name="layers">The weights; without errors where it needs no curves.</param>
    /// <param name="sparsity">Fraction of zeros over all of them.</param>
    /// <returns>One sparsity for each layer; weighted by elements their mean is <paramref name="sparsity"/>.</returns>
    double[] Allocate(IReadOnlyList<LayerCurve> layers, double sparsity);
}
