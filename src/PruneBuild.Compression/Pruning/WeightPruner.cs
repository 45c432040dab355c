using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Pruning;

/// <summary>Prunes one weight and repairs the layers that use it.</summary>
internal static class WeightPruner
{
    /// <summary>One report for each site of the weight.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="options">How.</param>
    /// <param name="sparsity">The weight's share of the model's sparsity, or null where it has none of its own.</param>
    /// <param name="statistics">Of the model; may be null.</param>
    /// <param name="pairs">The dense inputs beside those of <paramref name="statistics"/>, where layers before were edited; may be null.</param>
    /// <param name="cancellation">Observed between systems.</param>
    /// <exception cref="PruneBuildException">PB2010: the weight is not finite.</exception>
    public static IReadOnlyList<LayerReport> Prune(
        OnnxModel model, SharedWeight weight, PruneOptions options, double? sparsity, CalibrationStatistics? statistics, CalibrationPairs? pairs,
        CancellationToken cancellation)
    {
        var site = weight.Sites[0];
        if (site.Storage != WeightStorage.FullPrecision)
            return Dense(weight, ZeroFraction(site.ReadQuantized(model).Values), "the weight is already quantized");
        if (model.Weights[site.StoredName].FirstNonFinite() is >= 0 and var bad)
            throw new PruneBuildException("PB2010", site.StoredName, bad);

        // Looked up now: an inserted Add changes the name that they are known by.
        var known = weight.Sites.Select(one => statistics?.For(one) ?? SiteStatistics.None("no calibration data")).ToList();
        var matrix = site.ReadMatrix(model);
        if (Refusal(weight, options, known[0]) is { } refusal)
            return Dense(weight, ZeroFraction(matrix), refusal);

        var target = weight.Sites is [var single] && pairs?.For(single) is { Reason: null } both ? AsymmetricTarget.Fit(matrix, both) : null;
        var whole = matrix;
        matrix = target?.Weights ?? matrix;
        var pattern = PatternOf(weight, options);
        var share = Override(weight, options)?.Sparsity ?? sparsity ?? options.Sparsity;
        var isRounded = IsRounded(weight, options, known);
        var criterion = isRounded && options.LevelsWithMask ? new SparseGptq(options.Levels!) : options.Criterion;
        var pruned = Prune([.. Problems(matrix, weight, options, share, known[0], cancellation)], criterion);
        if (statistics is null)
        {
            if (Changes(matrix, pruned.Keep))
                site.WriteMatrix(model, pruned.Weights);
            return Reports(weight, pattern, pruned, weight.Sites.Select(_ => (RecoveredLayer?)null));
        }

        var recovered = known.Select(one => Recover(matrix, pruned, one, weight, options, cancellation)).ToList();
        if (isRounded && pruned.Packed is null)
            (pruned, recovered) = LayerLevels.Round(matrix, pruned, site, known, recovered, options, cancellation);
        if (pruned.Packed is { } packed && options.Packed is { } receiver)
            receiver[site.StoredName] = packed;
        if (Changes(whole, pruned.Keep) || pruned.Packed is not null)
        {
            // Sites that share a weight share its values; only their biases differ.
            pruned = pruned with { Weights = recovered[0]?.Weights ?? pruned.Weights };
            site.WriteMatrix(model, pruned.Weights);
            foreach (var (one, result) in weight.Sites.Zip(recovered))
                LayerBias.Add(model, one, Sum(result?.Bias ?? [], target?.Bias ?? []));
        }
        return Reports(weight, pattern, pruned, recovered, known);
    }

    /// <summary>
    /// What pruning a weight would cost at several sparsities; null where it stays dense, where the recipe gives its sparsity, where
    /// the pattern does, or where its inputs are not known.
    /// </summary>
    public static LayerCurve? Curve(
        OnnxModel model, SharedWeight weight, PruneOptions options, IReadOnlyList<double> sparsities, CalibrationStatistics statistics, CancellationToken cancellation)
    {
        var site = weight.Sites[0];
        var known = statistics.For(site);
        if (known.Reason is not null || !HasShare(weight, options, known))
            return null;
        var matrix = site.ReadMatrix(model);
        var errors = new double[sparsities.Count];
        var energy = 0.0;
        foreach (var problem in Problems(matrix, weight, options, 0, known, cancellation))
        {
            energy += LayerHessian.Error(problem, new float[problem.Weights.Length]);
            foreach (var (error, index) in options.Criterion.Errors(problem, sparsities).Select((error, index) => (error, index)))
                errors[index] += error;
        }
        return new LayerCurve(site.StoredName, matrix.Length, sparsities, Array.ConvertAll(errors, error => energy > 0 ? weight.Sites.Count * error / energy : 0));
    }

    /// <summary>Whether a weight is pruned, and neither the recipe nor the pattern gives its sparsity.</summary>
    public static bool HasShare(SharedWeight weight, PruneOptions options, SiteStatistics? known) =>
        weight.Sites[0].Storage == WeightStorage.FullPrecision && Refusal(weight, options, known) is null
        && Override(weight, options)?.Sparsity is null && PatternOf(weight, options).ImpliedSparsity is null;

    /// <summary>The recipe's own settings for a weight.</summary>
    public static LayerOverride? Override(SharedWeight weight, PruneOptions options) =>
        options.PerLayer.LastOrDefault(layer => weight.Sites.Any(one => LayerNames.Match(layer.Match, one)));

    /// <summary>The pattern of a weight.</summary>
    public static SparsityPattern PatternOf(SharedWeight weight, PruneOptions options) => Override(weight, options)?.Pattern ?? options.Pattern;

    /// <summary>Why a weight stays dense, or null.</summary>
    public static string? Refusal(SharedWeight weight, PruneOptions options, SiteStatistics? known)
    {
        var (site, pattern) = (weight.Sites[0], PatternOf(weight, options));
        if (weight.Refusal is not null)
            return weight.Refusal;
        if (options.Skip.Any(glob => weight.Sites.Any(one => LayerNames.Match(glob, one))))
            return "skipped by the recipe";
        if (site.Outputs % site.Groups != 0 || !pattern.Fits(site.Outputs / site.Groups, site.Inputs))
            return $"the weight is too small for {pattern}";
        return options.Criterion.NeedsStatistics ? known?.Reason : null;
    }

    private static bool IsRounded(SharedWeight weight, PruneOptions options, List<SiteStatistics> known) =>
        options.Levels is { } format && PatternOf(weight, options).ToString() == format.Pattern && known.TrueForAll(one => one.Reason is null)
        && weight.Sites.All(one => one.Kind != SiteKind.Conv && !options.WithoutLevels.Any(glob => LayerNames.Match(glob, one)));

    /// <summary>Channel groups are pruned apart, since their rows see different inputs.</summary>
    private static IEnumerable<LayerProblem> Problems(
        float[] matrix, SharedWeight weight, PruneOptions options, double sparsity, SiteStatistics known, CancellationToken cancellation)
    {
        var site = weight.Sites[0];
        var rows = site.Outputs / site.Groups;
        var length = rows * site.Inputs;
        return Enumerable.Range(0, site.Groups).Select(group =>
            new LayerProblem(matrix.AsMemory(group * length, length), rows, site.Inputs, PatternOf(weight, options), sparsity)
            {
                Statistics = known.Reason is null && (options.Criterion.NeedsStatistics || options.Ratios.NeedsCurves)
                    ? Statistics.InputStatistics.Merged([known.Fit[group], known.HoldOut[group]]) : null,
                BiasFollows = options.Recovery != RecoveryMethod.None,
                Threads = options.Threads,
                Cancellation = cancellation,
            });
    }

    private static PrunedLayer Prune(IReadOnlyList<LayerProblem> groups, IPruningCriterion criterion)
    {
        var parts = groups.Select(criterion.Prune).ToList();
        return parts is [var only] ? only : new PrunedLayer(
            [.. parts.SelectMany(part => part.Weights)], [.. parts.SelectMany(part => part.Keep)], parts.Find(part => part.Reason is not null)?.Reason);
    }

    /// <summary>Null when the site has no statistics.</summary>
    private static RecoveredLayer? Recover(
        float[] matrix, PrunedLayer pruned, SiteStatistics known, SharedWeight weight, PruneOptions options, CancellationToken cancellation)
    {
        if (known.Reason is not null)
            return null;
        var shared = weight.Sites.Count > 1 && options.Recovery is RecoveryMethod.Linear or RecoveryMethod.LeastSquares;
        var method = shared ? RecoveryMethod.Bias : options.Recovery;
        var result = LayerRecovery.Recover(matrix, pruned, known, method, options.Ridge, options.Threads, cancellation);
        return shared ? result with { Reason = "the weight is shared by several layers" } : result;
    }

    private static double[] Sum(double[] first, double[] second) =>
        second.Length == 0 ? first : first.Length == 0 ? second : [.. first.Zip(second, (a, b) => a + b)];

    /// <summary>Whether the mask drops anything that is not zero already.</summary>
    private static bool Changes(float[] matrix, bool[] keep)
    {
        for (var index = 0; index < matrix.Length; index++)
            if (!keep[index] && matrix[index] != 0)
                return true;
        return false;
    }

    private static List<LayerReport> Reports(
        SharedWeight weight, SparsityPattern pattern, PrunedLayer pruned, IEnumerable<RecoveredLayer?> recovered, List<SiteStatistics>? known = null)
    {
        var sparsity = ZeroFraction(pruned.Weights);
        return [.. weight.Sites.Zip(recovered, (site, result) => new LayerReport(
            site.Name, site.Kind.ToString(), site.Outputs, site.Inputs, pattern.ToString(), sparsity,
            Finite(result?.ErrorPruned), Finite(result?.ErrorRecovered), (result?.Used ?? RecoveryMethod.None).Name(), result?.Reason))
            .Select((report, index) => report with { Reason = pruned.Reason ?? report.Reason ?? known?[index].Reason })];
    }

    // Relative to an output that is always zero, any error is infinite; a report has no number for that.
    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    private static List<LayerReport> Dense(SharedWeight weight, double sparsity, string reason) =>
        [.. weight.Sites.Select(site => LayerReport.Dense(site, sparsity, reason))];

    private static double ZeroFraction<T>(T[] values) where T : struct, IEquatable<T> =>
        values.Length == 0 ? 0 : (double)values.AsSpan().Count(default(T)) / values.Length;
}
