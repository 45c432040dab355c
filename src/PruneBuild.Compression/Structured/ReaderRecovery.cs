using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Structured;

/// <summary>Repairs a layer whose inputs are about to lose features. The weights stay at their size; removed columns are zero.</summary>
internal static class ReaderRecovery
{
    /// <summary>Writes the repaired weight and bias.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="site">The layer.</param>
    /// <param name="removed">Columns of its matrix that go.</param>
    /// <param name="isShared">Whether other layers use the same weight.</param>
    /// <param name="statistics">Of the dense model, or null.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="cancellation">Observed between systems.</param>
    public static ReaderReport Recover(
        OnnxModel model, WeightSite site, IReadOnlySet<int> removed, bool isShared, CalibrationStatistics? statistics, StructuredOptions options,
        CancellationToken cancellation)
    {
        var known = statistics?.For(site) ?? SiteStatistics.None("no calibration data");
        var reason = site.Storage != WeightStorage.FullPrecision ? "the weight is already quantized"
            : isShared && options.Recovery is RecoveryMethod.Linear or RecoveryMethod.LeastSquares ? "the weight is shared by several layers"
            : known.Reason;
        if (reason is not null || options.Recovery == RecoveryMethod.None)
            return new ReaderReport(site.Name, removed.Count, null, null, RecoveryMethod.None, options.Recovery == RecoveryMethod.None ? null : reason);

        var dense = site.ReadMatrix(model);
        var keep = new bool[dense.Length];
        for (var index = 0; index < keep.Length; index++)
            keep[index] = !removed.Contains(index % site.Inputs);
        var repaired = LayerRecovery.Recover(
            dense, PrunedLayer.Masked(dense, keep), known, options.Recovery, options.Ridge, options.Threads, cancellation);
        site.WriteMatrix(model, repaired.Weights);
        LayerBias.Add(model, site, repaired.Bias);
        return new ReaderReport(site.Name, removed.Count, Finite(repaired.ErrorPruned), Finite(repaired.ErrorRecovered), repaired.Used, repaired.Reason);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
