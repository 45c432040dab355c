using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Recovery;

/// <summary>A pruned layer after recovery.</summary>
/// <param name="Weights">[outputs, inputs]; zeros of the mask are exact.</param>
/// <param name="Bias">To add to the layer's output, [outputs]; empty for none.</param>
/// <param name="ErrorPruned">Relative output error before recovery, on held-out rows where there are any.</param>
/// <param name="ErrorRecovered">The same after recovery, fitted on the other half.</param>
/// <param name="Used">The method that was used.</param>
/// <param name="Reason">Why it is not the one asked for, or null.</param>
public sealed record RecoveredLayer(
    float[] Weights, double[] Bias, double ErrorPruned, double ErrorRecovered, RecoveryMethod Used, string? Reason);

/// <summary>
/// Repairs one pruned layer. What is fitted is fitted on one half of the calibration data and checked on the other: where it
/// does worse than the pruned weights with a bias, those are used. The held-out half also chooses how strongly the fit is
/// pulled towards the dense weights. What ships is fitted on both halves.
/// </summary>
public static class LayerRecovery
{
    private const double RidgeStep = 10;
    private const double StrongestRidge = 1e4;

    /// <summary>Recovers a layer.</summary>
    /// <param name="dense">W, [outputs, inputs]; with groups, each group's rows follow one another.</param>
    /// <param name="pruned">What the criterion made of it.</param>
    /// <param name="statistics">Of the layer's input, one for each group.</param>
    /// <param name="method">What is asked for.</param>
    /// <param name="ridge">The weakest pull that is tried; see <see cref="LeastSquaresRecovery"/>.</param>
    /// <param name="threads">Most threads to use.</param>
    /// <param name="cancellation">Observed between systems.</param>
    public static RecoveredLayer Recover(
        float[] dense, PrunedLayer pruned, SiteStatistics statistics, RecoveryMethod method, double ridge, int threads, CancellationToken cancellation)
    {
        var (masked, keep) = (pruned.Weights, pruned.Keep);
        var hasHoldOut = statistics.HoldOut.All(half => half.Count > 0);
        var check = hasHoldOut ? statistics.HoldOut : statistics.Fit;
        var errorPruned = Error(dense, masked, [], check, threads);
        if (method == RecoveryMethod.None)
            return new RecoveredLayer(masked, [], errorPruned, errorPruned, method, null);

        var whole = statistics.Fit.Zip(statistics.HoldOut, (fit, holdOut) => InputStatistics.Merged([fit, holdOut])).ToList();
        var errorBias = Error(dense, masked, Bias(dense, masked, statistics.Fit), check, threads);
        RecoveredLayer BiasOnly(string? reason) =>
            new(masked, Bias(dense, masked, whole), errorPruned, errorBias, RecoveryMethod.Bias, reason);
        if (method == RecoveryMethod.Bias)
            return BiasOnly(null);
        if (method == RecoveryMethod.Linear)
        {
            var scaled = Scale(dense, masked, statistics.Fit);
            var errorLinear = Error(dense, scaled, Bias(dense, scaled, statistics.Fit), check, threads);
            if (!(errorLinear <= errorBias))
                return BiasOnly(FormattableString.Invariant($"the regression did worse on held-out data ({errorLinear:0.0000} against {errorBias:0.0000})"));
            scaled = Scale(dense, masked, whole);
            return new RecoveredLayer(scaled, Bias(dense, scaled, whole), errorPruned, errorLinear, RecoveryMethod.Linear, null);
        }
        if (!hasHoldOut)
            return BiasOnly("least squares needs a second batch of calibration data to be checked on");

        float[]? Fit(IReadOnlyList<InputStatistics> groups, double strength) =>
            FitGroups(dense, keep, groups, strength, threads, cancellation);
        (float[] Weights, double Error, double Ridge)? best = null;
        for (var strength = ridge; strength <= ridge * StrongestRidge; strength *= RidgeStep)
        {
            if (Fit(statistics.Fit, strength) is not { } trial)
                continue;
            var error = Error(dense, trial, Bias(dense, trial, statistics.Fit), check, threads);
            // The hold-out error falls to one minimum and rises again: little data wants a strong pull to the dense weights.
            if (best is not null && !(error < best.Value.Error))
                break;
            best = (trial, error, strength);
        }
        if (best is not { } chosen)
            return BiasOnly("the least-squares system has no stable solution");
        if (!(chosen.Error <= errorBias))
            return BiasOnly(FormattableString.Invariant($"least squares did worse on held-out data ({chosen.Error:0.0000} against {errorBias:0.0000})"));
        var fitted = Fit(whole, chosen.Ridge) ?? chosen.Weights;
        return new RecoveredLayer(fitted, Bias(dense, fitted, whole), errorPruned, chosen.Error, RecoveryMethod.LeastSquares, null);
    }

    private static float[]? FitGroups(
        float[] dense, bool[] keep, IReadOnlyList<InputStatistics> groups, double ridge, int threads, CancellationToken cancellation)
    {
        var fitted = new float[dense.Length];
        var length = dense.Length / groups.Count;
        for (var group = 0; group < groups.Count; group++)
        {
            var start = group * length;
            if (LeastSquaresRecovery.Fit(dense.AsSpan(start, length), keep.AsSpan(start, length), groups[group], ridge, threads, cancellation) is not { } part)
                return null;
            part.CopyTo(fitted, start);
        }
        return fitted;
    }

    private static float[] Scale(float[] dense, float[] masked, IReadOnlyList<InputStatistics> groups)
    {
        var length = dense.Length / groups.Count;
        return [.. groups.SelectMany((group, index) =>
            LinearRegressionRecovery.Fit(dense.AsSpan(index * length, length), masked.AsSpan(index * length, length), group))];
    }

    private static double[] Bias(float[] dense, float[] edited, IReadOnlyList<InputStatistics> groups)
    {
        var length = dense.Length / groups.Count;
        return [.. groups.SelectMany((group, index) =>
            BiasRecovery.Fit(dense.AsSpan(index * length, length), edited.AsSpan(index * length, length), group.Mean()))];
    }

    private static double Error(float[] dense, float[] edited, double[] bias, IReadOnlyList<InputStatistics> groups, int threads)
    {
        var length = dense.Length / groups.Count;
        var rows = bias.Length / groups.Count;
        double error = 0, energy = 0;
        for (var group = 0; group < groups.Count; group++)
        {
            var part = OutputError.Measure(
                dense.AsMemory(group * length, length), edited.AsMemory(group * length, length), bias.AsSpan(group * rows, rows), groups[group], threads);
            error += part.Error;
            energy += part.Energy;
        }
        return OutputError.Ratio(error, energy);
    }
}
