using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
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
            : isShared && options.Recovery is UnitRecovery.Linear or UnitRecovery.LeastSquares ? "the weight is shared by several layers"
            : known.Reason;
        if (reason is not null || options.Recovery == UnitRecovery.None)
            return new ReaderReport(site.Name, removed.Count, null, null, UnitRecovery.None, options.Recovery == UnitRecovery.None ? null : reason);

        var dense = site.ReadMatrix(model);
        var keep = new bool[dense.Length];
        for (var index = 0; index < keep.Length; index++)
            keep[index] = !removed.Contains(index % site.Inputs);
        var repaired = options.Recovery == UnitRecovery.Linear && site.Groups == 1
            ? Linear(dense, keep, known, options, cancellation)
            : Layer(dense, keep, known, options.Recovery == UnitRecovery.LeastSquares ? RecoveryMethod.LeastSquares : RecoveryMethod.Bias, options, cancellation);
        site.WriteMatrix(model, repaired.Weights);
        LayerBias.Add(model, site, repaired.Bias);
        return new ReaderReport(site.Name, removed.Count, Finite(repaired.Before), Finite(repaired.After), repaired.Used, repaired.Reason);
    }

    private sealed record Repaired(float[] Weights, double[] Bias, double Before, double After, UnitRecovery Used, string? Reason);

    private static Repaired Layer(
        float[] dense, bool[] keep, SiteStatistics known, RecoveryMethod method, StructuredOptions options, CancellationToken cancellation)
    {
        var masked = dense.Select((weight, index) => keep[index] ? weight : 0).ToArray();
        var layer = LayerRecovery.Recover(dense, new PrunedLayer(masked, keep), known, method, options.Ridge, options.Threads, cancellation);
        return new Repaired(layer.Weights, layer.Bias, layer.ErrorPruned, layer.ErrorRecovered,
            layer.Used == RecoveryMethod.LeastSquares ? UnitRecovery.LeastSquares : UnitRecovery.Bias, layer.Reason);
    }

    /// <summary>Fitted on one half and checked on the other against the bias alone; what ships is fitted on both.</summary>
    private static Repaired Linear(float[] dense, bool[] keep, SiteStatistics known, StructuredOptions options, CancellationToken cancellation)
    {
        var bias = Layer(dense, keep, known, RecoveryMethod.Bias, options, cancellation);
        var (fit, check) = (known.Fit[0], known.HoldOut[0].Count > 0 ? known.HoldOut[0] : known.Fit[0]);
        var trial = LinearRegressionRecovery.Fit(dense, bias.Weights, fit);
        var error = OutputError.Relative(dense, trial, BiasRecovery.Fit(dense, trial, fit.Mean()), check, options.Threads);
        if (!(error <= bias.After))
            return bias with { Reason = FormattableString.Invariant($"the regression did worse on held-out data ({error:0.0000} against {bias.After:0.0000})") };
        var whole = InputStatistics.Merged([fit, known.HoldOut[0]]);
        var weights = LinearRegressionRecovery.Fit(dense, bias.Weights, whole);
        return new Repaired(weights, BiasRecovery.Fit(dense, weights, whole.Mean()), bias.Before, error, UnitRecovery.Linear, null);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
