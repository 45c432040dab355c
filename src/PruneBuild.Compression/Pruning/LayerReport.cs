using PruneBuild.Graph;

namespace PruneBuild.Compression.Pruning;

/// <summary>What happened to one layer.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Op">MatMul, Gemm or Conv.</param>
/// <param name="Outputs">Rows of its weight.</param>
/// <param name="Inputs">Columns of its weight.</param>
/// <param name="Pattern">The pattern applied, or <c>dense</c>.</param>
/// <param name="Sparsity">Measured fraction of zeros.</param>
/// <param name="RelativeErrorPruned">Root of the output's relative squared error after pruning, on held-out data where there is any; null without statistics.</param>
/// <param name="RelativeErrorRecovered">The same after recovery.</param>
/// <param name="Recovery">The recovery used: none, bias or least-squares.</param>
/// <param name="Reason">Why the layer is dense, or was recovered in another way than asked; null when all went as asked.</param>
public sealed record LayerReport(
    string Name, string Op, int Outputs, int Inputs, string Pattern, double Sparsity,
    double? RelativeErrorPruned, double? RelativeErrorRecovered, string Recovery, string? Reason)
{
    internal static LayerReport Dense(WeightSite site, double sparsity, string reason) =>
        new(site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, "dense", sparsity, null, null, "none", reason);
}

/// <summary>How far a run over layers is.</summary>
/// <param name="Done">Weights finished.</param>
/// <param name="Total">Weights in all.</param>
/// <param name="Layer">The one just finished.</param>
public sealed record LayerProgress(int Done, int Total, string Layer);
