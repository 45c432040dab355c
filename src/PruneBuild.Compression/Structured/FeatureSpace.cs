using System.Runtime.CompilerServices;
using PruneBuild.Compression.Natives;
using PruneBuild.Compression.Training;
using TorchSharp;

namespace PruneBuild.Compression.Structured;

/// <summary>
/// Feature-space importance of feed-forward channels (SlimLLM, Guo et al. 2025): Σ over the layers that make channel c of
/// ‖W[c,:] ⊙ ‖x‖‖₂, plus ‖u_c‖₂ ‖ |Vᵀ w_c| ⊙ φ ‖₂ for the column w_c that reads it, with V, λ the principal components of the
/// output and φ = sigmoid(|λ| / mean |λ|). Everything from second moments: the output's scatter is n W Σ_u Wᵀ.
/// </summary>
public sealed class FeatureSpace : IUnitCriterion
{
    /// <inheritdoc/>
    public string Name => "slimllm";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public double[]? Score(CoupledUnits units)
    {
        if (units.Consumers.Count == 0 || units.Producers.Concat(units.Consumers).Any(site => site.Statistics is null))
            return null;
        var made = units.Producers.Select(site =>
        {
            var statistics = site.Statistics!;
            return Array.ConvertAll(UnitSums.OverRows(site, (weight, column) => (double)weight * weight * statistics.Gram(column, column)), Math.Sqrt);
        });
        return UnitSums.Total(units.Class.Size, made.Concat(units.Consumers.Select(Read)));
    }

    private static double[] Read(UnitSite site)
    {
        TorchNatives.Load();
        var (inputs, statistics) = (site.Site.Inputs, site.Statistics!);
        var energies = ColumnEnergies(site.Matrix, site.Site.Outputs, inputs, statistics.Covariance(), statistics.Count);
        return [.. site.Lines.Select(columns => columns.Sum(column => Math.Sqrt(statistics.Gram(column, column) * energies[column])))];
    }

    /// <summary>‖ |Vᵀ w_c| ⊙ φ ‖² for every column. Apart, so that nothing of torch is touched before its libraries are loaded.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double[] ColumnEnergies(float[] matrix, int outputs, int inputs, double[] covariance, long count)
    {
        using var single = new SingleTorchThread();
        using var scope = torch.NewDisposeScope();
        var weights = torch.tensor(Array.ConvertAll(matrix, value => (double)value), [outputs, inputs]);
        using Scalar rows = count;
        var scatter = weights.matmul(torch.tensor(covariance, [inputs, inputs])).matmul(weights.t()) * rows;
        var (values, vectors) = torch.linalg.eigh(scatter);
        var mean = values.abs().mean();
        var weighting = mean.ToDouble() > 0 ? torch.sigmoid(values.abs() / mean) : torch.ones([outputs], dtype: torch.float64) / Scalars.Of(2);
        var projected = vectors.t().matmul(weights) * weighting.unsqueeze(1);
        return projected.square().sum(dim: 0).data<double>().ToArray();
    }
}
