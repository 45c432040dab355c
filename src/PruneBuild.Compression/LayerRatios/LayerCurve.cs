namespace PruneBuild.Compression.LayerRatios;

/// <summary>What pruning costs one weight.</summary>
/// <param name="Weight">The initializer.</param>
/// <param name="Elements">Its elements.</param>
/// <param name="Sparsities">Fractions of zeros, ascending.</param>
/// <param name="Errors">
/// At each the squared output error relative to the output's energy, summed over the layers that use the weight, or the measured loss.
/// </param>
public sealed record LayerCurve(string Weight, long Elements, IReadOnlyList<double> Sparsities, IReadOnlyList<double> Errors);
