using System.Runtime.CompilerServices;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Natives;
using PruneBuild.Compression.Statistics;
using PruneBuild.Compression.Training;
using TorchSharp;

namespace PruneBuild.Compression.Recovery;

/// <summary>
/// What a layer's weights should be now that its input has changed. Layers before it were edited, so it sees x̃ where the dense
/// model saw x; the weights V with the least ‖W x − V x̃‖² make up for that as far as one layer can, and pruning V instead of W
/// minimizes the error against the dense output (asymmetric calibration; Li et al. 2025, "GPTAQ"). V solves
/// (Σ_x̃x̃ + λI) Vᵀ = (Σ_x̃x + λI) Wᵀ: λ pulls towards W, and the held-out half chooses it.
/// </summary>
/// <param name="Weights">V, [outputs, inputs]; W itself where held-out data does not agree that V is better.</param>
/// <param name="Bias">W E[x] − V E[x̃], [outputs]: to add to the layer's output.</param>
public sealed record AsymmetricTarget(float[] Weights, double[] Bias)
{
    private static readonly double[] Ridges = [1e-3, 1e-2, 1e-1, 1, 10];

    /// <summary>Fits V. FP64, one libtorch thread: the same bits on any number of cores.</summary>
    /// <param name="dense">W, [outputs, inputs]; with groups, each group's rows follow one another.</param>
    /// <param name="pairs">Of the layer's input, one for each group.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB0012, PB0013: libtorch does not load.</exception>
    public static AsymmetricTarget Fit(float[] dense, PairedSiteStatistics pairs)
    {
        TorchNatives.Load();
        var length = dense.Length / pairs.Fit.Count;
        var parts = pairs.Fit.Zip(pairs.HoldOut, (fit, holdOut) => (fit, holdOut))
            .Select((halves, group) => FitGroup(dense.AsSpan(group * length, length).ToArray(), halves.fit, halves.holdOut)).ToList();
        return parts is [var only] ? only : new AsymmetricTarget([.. parts.SelectMany(part => part.Weights)], [.. parts.SelectMany(part => part.Bias)]);
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static AsymmetricTarget FitGroup(float[] dense, PairedStatistics fit, PairedStatistics holdOut)
    {
        using var single = new SingleTorchThread();
        using var quiet = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var weights = torch.tensor(Array.ConvertAll(dense, value => (double)value), [dense.Length / fit.Inputs, fit.Inputs]);
        var whole = PairedStatistics.Merged([fit, holdOut]);
        var best = holdOut.Count == 0 ? null : Ridge(weights, fit, holdOut);
        var target = best is { } ridge ? Solve(weights, whole, ridge) : null;
        var values = target is null ? dense : Array.ConvertAll(target.contiguous().data<double>().ToArray(), value => (float)value);
        if (!Array.TrueForAll(values, float.IsFinite))
            values = dense;
        return new AsymmetricTarget(values, Shift(dense, values, whole));
    }

    /// <summary>The λ with the least error on the held-out half; null when none does better than W.</summary>
    private static double? Ridge(torch.Tensor weights, PairedStatistics fit, PairedStatistics holdOut)
    {
        double? best = null;
        var least = Error(weights, weights, holdOut);
        foreach (var ridge in Ridges)
        {
            if (Solve(weights, fit, ridge) is not { } trial)
                continue;
            var error = Error(weights, trial, holdOut);
            if (error < least)
                (best, least) = (ridge, error);
        }
        return best;
    }

    private static torch.Tensor? Solve(torch.Tensor weights, PairedStatistics statistics, double ridge)
    {
        var inputs = statistics.Inputs;
        var covariance = torch.tensor(statistics.Edited.Covariance(), [inputs, inputs]);
        var cross = torch.tensor(statistics.CrossCovariance(), [inputs, inputs]);
        var pull = covariance.diagonal().mean().item<double>() * ridge;
        if (!(pull > 0))
            return null;
        using Scalar strength = pull;
        var (factor, info) = torch.linalg.cholesky_ex(covariance.add(torch.eye(inputs, dtype: torch.float64) * strength, Scalars.Of(1)));
        return info.item<int>() == 0 ? torch.cholesky_solve(cross.matmul(weights.T).add(weights.T * strength, Scalars.Of(1)), factor).T : null;
    }

    /// <summary>E‖W x − V x̃‖² without the means and without what V does not change.</summary>
    private static double Error(torch.Tensor weights, torch.Tensor target, PairedStatistics statistics)
    {
        var inputs = statistics.Inputs;
        var covariance = torch.tensor(statistics.Edited.Covariance(), [inputs, inputs]);
        var cross = torch.tensor(statistics.CrossCovariance(), [inputs, inputs]);
        return (target * (target.matmul(covariance) - (weights.matmul(cross.T) * Scalars.Of(2)))).sum().item<double>();
    }

    private static double[] Shift(float[] dense, float[] target, PairedStatistics statistics)
    {
        var (before, now) = (statistics.Dense.Mean(), statistics.Edited.Mean());
        var bias = new double[dense.Length / statistics.Inputs];
        for (var row = 0; row < bias.Length; row++)
            for (var input = 0; input < statistics.Inputs; input++)
                bias[row] += (dense[(row * statistics.Inputs) + input] * before[input]) - (target[(row * statistics.Inputs) + input] * now[input]);
        return bias;
    }
}
