using System.Runtime.CompilerServices;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Natives;
using PruneBuild.Compression.Statistics;
using PruneBuild.Compression.Training;
using TorchSharp;

namespace PruneBuild.Compression.Recovery;

/// <summary>
/// Fits the kept weights of every output to the dense output (the reconstruction step of Optimal Brain Surgeon, Hassibi and
/// Stork 1993, for a whole row). With Σ the input's covariance, k the kept and p the pruned inputs, the correction d of the
/// kept weights solves (Σ_kk + λI) d = Σ_kp w_p; the bias takes up the means. λ pulls towards the dense weights, so for any λ
/// the training error is at most that of bias recovery alone. Outputs with the same mask are solved together.
/// </summary>
public static class LeastSquaresRecovery
{
    /// <summary>λ as a fraction of the covariance's mean diagonal.</summary>
    public const double DefaultRidge = 1e-3;

    private const int Attempts = 3;

    /// <summary>The fitted weights, in FP32; pruned ones are exactly zero. FP64 inside, one libtorch thread a system: the same bits for any number of threads.</summary>
    /// <param name="dense">W, [rows, K].</param>
    /// <param name="keep">The mask, [rows, K].</param>
    /// <param name="statistics">Of the input, K features.</param>
    /// <param name="ridge">λ as a fraction of the covariance's mean diagonal.</param>
    /// <param name="threads">Systems solved at the same time.</param>
    /// <param name="cancellation">Observed between systems.</param>
    /// <returns>[rows, K], or null when a system has no stable solution.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB0012, PB0013: libtorch does not load.</exception>
    public static float[]? Fit(
        ReadOnlySpan<float> dense, ReadOnlySpan<bool> keep, InputStatistics statistics,
        double ridge = DefaultRidge, int threads = 1, CancellationToken cancellation = default)
    {
        return Fit(dense, keep, statistics.Covariance(), statistics.Inputs, ridge, threads, cancellation);
    }

    /// <summary>The same for any quadratic error tr((W − W') H (W − W')ᵀ).</summary>
    /// <param name="dense">W, [rows, K].</param>
    /// <param name="keep">The mask, [rows, K].</param>
    /// <param name="hessian">H, symmetric [K, K].</param>
    /// <param name="inputs">K.</param>
    /// <param name="ridge">λ as a fraction of H's mean diagonal.</param>
    /// <param name="threads">Systems solved at the same time.</param>
    /// <param name="cancellation">Observed between systems.</param>
    /// <returns>[rows, K], or null when a system has no stable solution.</returns>
    internal static float[]? Fit(
        ReadOnlySpan<float> dense, ReadOnlySpan<bool> keep, double[] hessian, int inputs, double ridge, int threads, CancellationToken cancellation)
    {
        TorchNatives.Load();
        return Solve(dense.ToArray(), keep.ToArray(), hessian, inputs, ridge, Math.Max(1, threads), cancellation);
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float[]? Solve(float[] dense, bool[] keep, double[] hessian, int inputs, double ridge, int threads, CancellationToken cancellation)
    {
        var fitted = PrunedLayer.Masked(dense, keep).Weights;
        var scale = Enumerable.Range(0, inputs).Average(input => hessian[((long)input * inputs) + input]);
        if (!(scale > 0))
            return fitted;

        using var covariance = torch.tensor(hessian, [inputs, inputs]);
        var solved = true;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.ForEach(RowsByMask(keep, inputs), options, rows =>
        {
            using var single = new SingleTorchThread();
            if (!FitRows(rows, dense, keep, covariance, ridge * scale, fitted))
                Volatile.Write(ref solved, false);
        });
        return solved ? fitted : null;
    }

    private static List<List<int>> RowsByMask(bool[] keep, int inputs)
    {
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var row = 0; row < keep.Length / inputs; row++)
        {
            var mask = string.Create(inputs, (keep, row), static (text, state) =>
            {
                for (var input = 0; input < text.Length; input++)
                    text[input] = state.keep[state.row * text.Length + input] ? '1' : '0';
            });
            if (!groups.TryGetValue(mask, out var rows))
                groups[mask] = rows = [];
            rows.Add(row);
        }
        return [.. groups.Values];
    }

    private static bool FitRows(List<int> rows, float[] dense, bool[] keep, torch.Tensor covariance, double ridge, float[] fitted)
    {
        var inputs = (int)covariance.shape[0];
        var mask = keep.AsSpan(rows[0] * inputs, inputs).ToArray();
        var kept = Enumerable.Range(0, inputs).Where(input => mask[input]).Select(input => (long)input).ToArray();
        var pruned = Enumerable.Range(0, inputs).Where(input => !mask[input]).Select(input => (long)input).ToArray();
        if (kept.Length == 0 || pruned.Length == 0)
            return true;

        using var scope = torch.NewDisposeScope();
        var lost = torch.tensor(rows.SelectMany(row => pruned.Select(input => (double)dense[row * inputs + input])).ToArray(), [rows.Count, pruned.Length]).T;
        var strip = covariance.index_select(0, torch.tensor(kept));
        var right = strip.index_select(1, torch.tensor(pruned)).matmul(lost);
        var left = strip.index_select(1, torch.tensor(kept));
        var identity = torch.eye(kept.Length, dtype: torch.float64);
        for (var attempt = 0; attempt < Attempts; attempt++, ridge *= 10)
        {
            using Scalar strength = ridge;
            var (factor, info) = torch.linalg.cholesky_ex(left.add(identity * strength, Scalars.Of(1)));
            if (info.item<int>() != 0)
                continue;
            var correction = torch.cholesky_solve(right, factor).T.contiguous().data<double>().ToArray();
            return Apply(rows, kept, correction, dense, inputs, fitted);
        }
        return false;
    }

    private static bool Apply(List<int> rows, long[] kept, double[] correction, float[] dense, int inputs, float[] fitted)
    {
        for (var index = 0; index < rows.Count; index++)
        {
            for (var position = 0; position < kept.Length; position++)
            {
                var place = rows[index] * inputs + kept[position];
                var value = (float)(dense[place] + correction[index * kept.Length + position]);
                if (!float.IsFinite(value))
                    return false;
                fitted[place] = value;
            }
        }
        return true;
    }
}
