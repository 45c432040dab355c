using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Pruning;

/// <summary>Prunes one weight and repairs the layers that use it.</summary>
internal static class WeightPruner
{
    /// <summary>One report for each site of the weight.</summary>
    /// <exception cref="PruneBuildException">PB2010: the weight is not finite.</exception>
    public static IReadOnlyList<LayerReport> Prune(
        OnnxModel model, SharedWeight weight, PruneOptions options, CalibrationStatistics? statistics, CancellationToken cancellation)
    {
        var site = weight.Sites[0];
        if (site.Storage != WeightStorage.FullPrecision)
            return Dense(weight, ZeroFraction(site.ReadQuantized(model).Values), "the weight is already quantized");
        if (model.Weights[site.StoredName].FirstNonFinite() is >= 0 and var bad)
            throw new PruneBuildException("PB2010", site.StoredName, bad);

        var layer = options.PerLayer.LastOrDefault(layer => weight.Sites.Any(one => LayerNames.Match(layer.Match, one)));
        var pattern = layer?.Pattern ?? options.Pattern;
        // Looked up now: an inserted Add changes the name that they are known by.
        var known = weight.Sites.Select(one => statistics?.For(one) ?? SiteStatistics.None("no calibration data")).ToList();
        var matrix = site.ReadMatrix(model);
        if (Refusal(weight, pattern, options, known[0]) is { } refusal)
            return Dense(weight, ZeroFraction(matrix), refusal);

        var keep = Select(matrix, site, pattern, layer?.Sparsity ?? options.Sparsity, options, known[0]);
        if (statistics is null)
        {
            if (Mask(matrix, keep))
                site.WriteMatrix(model, matrix);
            return Reports(weight, pattern, matrix, weight.Sites.Select(_ => (RecoveredLayer?)null));
        }

        var recovered = known.Select(one => Recover(matrix, keep, one, weight, options, cancellation)).ToList();
        if (Mask(matrix, keep))
        {
            // Sites that share a weight share its values; only their biases differ.
            matrix = recovered[0]?.Weights ?? matrix;
            site.WriteMatrix(model, matrix);
            foreach (var (one, result) in weight.Sites.Zip(recovered))
                LayerBias.Add(model, one, result?.Bias ?? []);
        }
        return Reports(weight, pattern, matrix, recovered, known);
    }

    private static string? Refusal(SharedWeight weight, SparsityPattern pattern, PruneOptions options, SiteStatistics known)
    {
        var site = weight.Sites[0];
        if (weight.Refusal is not null)
            return weight.Refusal;
        if (options.Skip.Any(glob => weight.Sites.Any(one => LayerNames.Match(glob, one))))
            return "skipped by the recipe";
        if (site.Outputs % site.Groups != 0 || !pattern.Fits(site.Outputs / site.Groups, site.Inputs))
            return $"the weight is too small for {pattern}";
        return options.Criterion.NeedsStatistics ? known.Reason : null;
    }

    /// <summary>The mask; channel groups are chosen apart, since their rows see different inputs.</summary>
    private static bool[] Select(
        float[] matrix, WeightSite site, SparsityPattern pattern, double sparsity, PruneOptions options, SiteStatistics known)
    {
        var rows = site.Outputs / site.Groups;
        var length = rows * site.Inputs;
        var keep = site.Groups == 1 ? null : new bool[matrix.Length];
        var scores = new float[length];
        for (var group = 0; group < site.Groups; group++)
        {
            var halves = options.Criterion.NeedsStatistics ? Statistics.InputStatistics.Merged([known.Fit[group], known.HoldOut[group]]) : null;
            options.Criterion.Score(matrix.AsSpan(group * length, length), site.Inputs, halves, scores);
            var part = pattern.Select(scores, rows, site.Inputs, sparsity);
            if (keep is null)
                return part;
            part.CopyTo(keep, group * length);
        }
        return keep ?? [];
    }

    /// <summary>Null when the site has no statistics.</summary>
    private static RecoveredLayer? Recover(
        float[] matrix, bool[] keep, SiteStatistics known, SharedWeight weight, PruneOptions options, CancellationToken cancellation)
    {
        if (known.Reason is not null)
            return null;
        var shared = weight.Sites.Count > 1 && options.Recovery == RecoveryMethod.LeastSquares;
        var method = shared ? RecoveryMethod.Bias : options.Recovery;
        var result = LayerRecovery.Recover(matrix, keep, known, method, options.Ridge, options.Threads, cancellation);
        return shared ? result with { Reason = "the weight is shared by several layers" } : result;
    }

    /// <summary>Zeros what the mask drops; false when nothing changed.</summary>
    private static bool Mask(float[] matrix, bool[] keep)
    {
        var changed = false;
        for (var index = 0; index < matrix.Length; index++)
        {
            if (keep[index] || matrix[index] == 0)
                continue;
            matrix[index] = 0;
            changed = true;
        }
        return changed;
    }

    private static List<LayerReport> Reports(
        SharedWeight weight, SparsityPattern pattern, float[] matrix, IEnumerable<RecoveredLayer?> recovered, List<SiteStatistics>? known = null)
    {
        var sparsity = ZeroFraction(matrix);
        return [.. weight.Sites.Zip(recovered, (site, result) => new LayerReport(
            site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, pattern.ToString(), sparsity,
            Finite(result?.ErrorPruned), Finite(result?.ErrorRecovered), (result?.Used ?? RecoveryMethod.None).Name(), result?.Reason))
            .Select((report, index) => report with { Reason = report.Reason ?? known?[index].Reason })];
    }

    // Relative to an output that is always zero, any error is infinite; a report has no number for that.
    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    private static List<LayerReport> Dense(SharedWeight weight, double sparsity, string reason) =>
        [.. weight.Sites.Select(site => LayerReport.Dense(site, sparsity, reason))];

    private static double ZeroFraction<T>(T[] values) where T : struct, IEquatable<T> =>
        values.Length == 0 ? 0 : (double)values.AsSpan().Count(default(T)) / values.Length;
}
