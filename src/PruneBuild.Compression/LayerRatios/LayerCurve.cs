namespace PruneBuild.Compression.LayerRatios;

/// <summary>What pruning costs one weight.</summary>
/// <param name="Weight">The initializer.</param>
/// <param name="Elements">Its elements.</param>
/// <param name="Sparsities">Fractions of zeros, ascending.</param>
/// <param name="Errors">The squared output error at each, relative to the output's energy; summed over the layers that use the weight.</param>
public sealed record LayerCurve(string Weight, long Elements, IReadOnlyList<double> Sparsities, IReadOnlyList<double> Errors);
