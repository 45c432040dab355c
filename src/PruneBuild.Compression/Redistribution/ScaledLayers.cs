using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;
using PruneBuild.Graph.Scales;

namespace PruneBuild.Compression.Redistribution;

/// <summary>The weights around a scale group as the choices of scales see them.</summary>
internal sealed class ScaledLayers(OnnxModel model, ScaleGroup group, IReadOnlyList<WeightSite> sites, NormalizationGains gains, CalibrationStatistics? statistics)
{
    private static readonly HashSet<string> Additive = new(StringComparer.Ordinal) { "Add", "Sub", "Sum", "Mean", "Max", "Min", "Concat" };

    /// <summary>The model.</summary>
    public OnnxModel Model => model;

    /// <summary>All layers of the model, in node order.</summary>
    public IReadOnlyList<WeightSite> Sites => sites;

    /// <summary>Channels.</summary>
    public int Units => group.Units;

    /// <summary>
    /// What is multiplied to make the channels: rows of weights (behind a batch normalization as well) and scales of normalizations, no
    /// biases and shifts.
    /// </summary>
    private IEnumerable<ScaledTensor> Makers => group.Producers.SelectMany(producer =>
        producer.Node.OpType == "BatchNormalization" && gains.Before(producer.Node) is { } before
            ? before.Producers.Where(IsFactor)
            : IsFactor(producer) ? [producer] : []);

    /// <summary>Whether a weight that can be pruned makes the channels.</summary>
    public bool HasRows => Makers.Any(maker => sites.Any(site => ReferenceEquals(site.Node, maker.Node)));

    /// <summary>max |w| over what makes each channel, [units].</summary>
    public double[] MakerRange() => Fold(Makers, 0.0, Math.Max);

    /// <summary>max |w| over what reads each channel, [units].</summary>
    public double[] ReaderRange() => Fold(group.Consumers, 0.0, Math.Max);

    /// <summary>√Σ w² over what reads each channel, [units].</summary>
    public double[] ReaderNorm() => Array.ConvertAll(Fold(group.Consumers, 0.0, (sum, weight) => sum + (weight * weight)), Math.Sqrt);

    /// <summary>√E[x²] of each channel over the calibrated layers that read it, [units]; null when there are none.</summary>
    public double[]? ActivationNorm()
    {
        var energies = group.Consumers.Select(Energies).OfType<double[]>().ToList();
        return energies.Count == 0 ? null : [.. Enumerable.Range(0, Units).Select(unit => Math.Sqrt(energies.Average(energy => energy[unit])))];
    }

    /// <summary>max |x| of each channel over the layers that read it, [units]; null when nothing is known of any.</summary>
    /// <param name="maxima">max |x| of each channel of a value, or null.</param>
    public double[]? ActivationRange(Func<string, float[]?> maxima)
    {
        var known = group.Consumers
            .Select(consumer => (consumer.Member, Maxima: sites.FirstOrDefault(site => ReferenceEquals(site.Node, consumer.Node)) is { } site ? maxima(site.InputName) : null))
            .Where(reader => reader.Maxima is not null).ToList();
        return known.Count == 0 ? null
            : [.. Enumerable.Range(0, Units).Select(unit => known.Max(reader => reader.Member.Indices(unit).Max(channel => (double)reader.Maxima![channel])))];
    }

    /// <summary>The calibrated layers that read the channels, with the unit that each column of their weight, [outputs, inputs], belongs to.</summary>
    public IReadOnlyList<(WeightSite Site, InputStatistics Fit, int[] Units)> Readers()
    {
        var readers = new List<(WeightSite, InputStatistics, int[])>();
        foreach (var consumer in group.Consumers)
        {
            if (sites.FirstOrDefault(site => ReferenceEquals(site.Node, consumer.Node)) is not { Groups: 1 } site || statistics?.For(site) is not { Reason: null } known)
                continue;
            var channels = new int[site.Channels];
            Array.Fill(channels, -1);
            for (var unit = 0; unit < Units; unit++)
                foreach (var channel in consumer.Member.Indices(unit))
                    channels[channel] = unit;
            if (!channels.Contains(-1))
                readers.Add((site, known.Fit[0], [.. Enumerable.Range(0, site.Inputs).Select(column => channels[column % site.Channels])]));
        }
        return readers;
    }

    private double[]? Energies(ScaledTensor consumer)
    {
        if (statistics is null || sites.FirstOrDefault(site => ReferenceEquals(site.Node, consumer.Node)) is not { } site
            || statistics.For(site) is not { Reason: null } known)
            return null;
        var channels = new double[site.Channels * site.Groups];
        for (var part = 0; part < site.Groups; part++)
            foreach (var half in new[] { known.Fit[part], known.HoldOut[part] })
                for (var column = 0; column < site.Inputs; column++)
                    channels[(part * site.Channels) + (column % site.Channels)] += half.Gram(column, column);
        var rows = Math.Max(1, known.Fit[0].Count + known.HoldOut[0].Count) * site.KernelPositions;
        return [.. Enumerable.Range(0, Units).Select(unit => consumer.Member.Indices(unit).Average(channel => channels[channel]) / rows)];
    }

    private static bool IsFactor(ScaledTensor producer) =>
        !Additive.Contains(producer.Node.OpType) && producer.Node.Input.IndexOf(producer.Member.Tensor) < 2;

    private double[] Fold(IEnumerable<ScaledTensor> tensors, double start, Func<double, double, double> fold)
    {
        var result = new double[Units];
        Array.Fill(result, start);
        foreach (var tensor in tensors)
        {
            var weight = model.Weights[tensor.Member.Tensor];
            var inner = (int)weight.Shape.Skip(tensor.Member.Axis + 1).Aggregate(1L, (product, size) => product * size);
            var size = (int)weight.Shape[tensor.Member.Axis];
            var values = weight.ReadSingles();
            for (var unit = 0; unit < Units; unit++)
                foreach (var index in tensor.Member.Indices(unit))
                    for (var outer = index * inner; outer < values.Length; outer += size * inner)
                        for (var place = outer; place < outer + inner; place++)
                            result[unit] = fold(result[unit], Math.Abs(values[place]));
        }
        return result;
    }
}
