using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Statistics;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Scales;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// Puts an orthogonal map into everything that makes or reads the residual stream (Ashkboos et al. 2024, "SliceGPT"), and another one
/// into the values of every key-value head and the output projection behind it (Ashkboos et al. 2024, "QuaRot"). A stream needs root
/// mean square normalizations only, whose γ goes into the layers behind them; values can always be rotated.
/// </summary>
public abstract class StreamRotation : IRedistribution
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract bool NeedsStatistics { get; }

    /// <inheritdoc/>
    public RedistributionResult Apply(OnnxModel model, CalibrationStatistics? statistics, CancellationToken cancellation = default)
    {
        if (NeedsStatistics && statistics is null)
            throw new PruneBuildException("PB3003", Name);
        var reports = new List<RedistributedGroup>();
        var sites = WeightSites.Find(model);
        foreach (var stream in ResidualFeatures.Find(model))
        {
            cancellation.ThrowIfCancellationRequested();
            var reason = stream.Reason ?? RotateStream(model, stream, sites, ref statistics);
            reports.Add(new RedistributedGroup(stream.Name, stream.Features, reason));
        }
        foreach (var path in ValuePath.Find(model))
        {
            cancellation.ThrowIfCancellationRequested();
            var reason = path.Reason ?? RotateValues(model, path, sites, ref statistics);
            reports.Add(new RedistributedGroup(path.Group().Name, path.Block.KeyValueGroups * path.Block.HeadSize, reason));
        }
        return new RedistributionResult(statistics, reports);
    }

    /// <summary>An orthogonal map x → A x for features with a second moment.</summary>
    /// <param name="moment">E[x xᵀ], [size, size]; null when it is not known.</param>
    /// <param name="size">Features.</param>
    /// <param name="seed">Differs from map to map.</param>
    /// <returns>A, [size, size] row-major; null when there is none without the moment.</returns>
    private protected abstract double[]? Map(double[]? moment, int size, int seed);

    private string? RotateStream(OnnxModel model, ResidualFeatures stream, IReadOnlyList<WeightSite> sites, ref CalibrationStatistics? statistics)
    {
        var scales = stream.Norms.Select(norm => norm.Scale is null ? null : Array.ConvertAll(model.Weights[norm.Scale].ReadSingles(), value => (double)value)).ToList();
        if (scales.Exists(scale => scale is not null && scale.Contains(0)))
            return "the scale of a normalization is zero";
        var moment = new double[stream.Features * stream.Features];
        var known = 0;
        for (var norm = 0; norm < scales.Count; norm++)
        {
            if (Statistics(stream.Norms[norm].Readers, sites, statistics) is not { } seen)
                continue;
            var normalized = scales[norm] is { } scale ? seen.Scaled(Array.ConvertAll(scale, value => 1 / value)) : seen;
            moment = [.. moment.Zip(normalized.SecondMoment(), (sum, value) => sum + value)];
            known++;
        }
        if (Map(known > 0 ? moment : null, stream.Features, 0) is not { } map)
            return "no calibrated layer reads the stream";
        for (var norm = 0; norm < scales.Count; norm++)
            if (scales[norm] is { } scale)
                FoldScale(model, stream.Norms[norm], scale);
        var maps = new Dictionary<string, Func<InputStatistics, int, InputStatistics>>(StringComparer.Ordinal);
        foreach (var (reader, scale) in stream.Norms.SelectMany((norm, index) => norm.Readers.Select(reader => (reader, scales[index]))).Concat(stream.Readers.Select(reader => (reader, (double[]?)null))))
        {
            maps[reader.Node.Output[0]] = (seen, _) => (scale is null ? seen : seen.Scaled(Array.ConvertAll(scale, value => 1 / value))).Transformed(map);
            AxisMap.Apply(model, reader.Tensor, reader.Axis, 0, map, stream.Features);
        }
        foreach (var maker in stream.Makers)
            AxisMap.Apply(model, maker.Tensor, maker.Axis, 0, map, stream.Features);
        statistics = statistics?.Mapped(maps);
        return null;
    }

    private string? RotateValues(OnnxModel model, ValuePath path, IReadOnlyList<WeightSite> sites, ref CalibrationStatistics? statistics)
    {
        var (block, group) = (path.Block, path.Group());
        var (size, heads) = (block.HeadSize, block.Heads / block.KeyValueGroups);
        var reader = group.Consumers[0];
        var seen = Statistics([new FeatureAxis(block.Output, reader.Member.Tensor, reader.Member.Axis)], sites, statistics);
        var maps = new List<double[]>();
        for (var part = 0; part < block.KeyValueGroups; part++)
        {
            if (Map(seen is null ? null : Moment(seen, part * heads, heads, size), size, part + 1) is not { } map)
                return "the output projection was not calibrated";
            maps.Add(map);
        }
        for (var part = 0; part < block.KeyValueGroups; part++)
        {
            foreach (var producer in group.Producers)
                AxisMap.Apply(model, producer.Member.Tensor, producer.Member.Axis, part * size, maps[part], size);
            for (var head = part * heads; head < (part + 1) * heads; head++)
                AxisMap.Apply(model, reader.Member.Tensor, reader.Member.Axis, head * size, maps[part], size);
        }
        statistics = statistics?.Mapped(new Dictionary<string, Func<InputStatistics, int, InputStatistics>>(StringComparer.Ordinal)
        {
            [block.Output.Output[0]] = (before, _) => before.Transformed(AxisMap.Diagonal([.. Enumerable.Range(0, block.Heads).Select(head => maps[head / heads])], size)),
        });
        return null;
    }

    private static InputStatistics? Statistics(IReadOnlyList<FeatureAxis> readers, IReadOnlyList<WeightSite> sites, CalibrationStatistics? statistics) => readers
        .Select(reader => sites.FirstOrDefault(site => ReferenceEquals(site.Node, reader.Node))).OfType<WeightSite>()
        .Select(site => statistics?.For(site)).Where(known => known is { Reason: null })
        .Select(known => InputStatistics.Merged([.. known!.Fit, .. known.HoldOut])).FirstOrDefault(known => known.Count > 0);

    /// <summary>E[x xᵀ] of a head's features, summed over some heads.</summary>
    private static double[] Moment(InputStatistics seen, int first, int heads, int size)
    {
        var moment = new double[size * size];
        for (var head = first; head < first + heads; head++)
            for (var row = 0; row < size; row++)
                for (var column = 0; column < size; column++)
                    moment[(row * size) + column] += seen.Gram((head * size) + row, (head * size) + column) / seen.Count;
        return moment;
    }

    private static void FoldScale(OnnxModel model, RootMeanSquareNorm norm, double[] scale)
    {
        var weight = model.Weights[norm.Scale!];
        model.SetWeight(weight.Name, [.. weight.Shape], [.. scale.Select(_ => 1f)]);
        foreach (var reader in norm.Readers)
            AxisMap.Scale(model, reader.Tensor, reader.Axis, scale);
    }
}
