using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Structured;

/// <summary>
/// Removes channels of the residual stream, the same ones everywhere: columns of the embedding and of what reads the stream, rows of
/// what writes to it, scales of the normalizations. Importance as in Muralidharan et al. 2024 (Minitron): Σ over the normalizations
/// inside of blocks of <see cref="ChannelEnergy"/>'s aggregate of their output, square root taken of each. A normalization over fewer
/// channels divides by another root mean square; its scale is multiplied by ρ = √((Σ_kept E[x²] / D′) / (Σ_all E[x²] / D)), which
/// makes up for it on average, and exactly where the removed channels are zero and ε does not matter.
/// </summary>
public static class HiddenSizePruner
{
    private const int ManyChannels = 256;
    private const int WideMultiple = 64;
    private const int NarrowMultiple = 8;

    /// <summary>Prunes the residual stream.</summary>
    /// <param name="model">Edited; unchanged when the edit is refused.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="batches">Calibration data, enumerated once. The first axis of an activation of three or more is taken for samples.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">
    /// PB1014: the fraction is outside 0 to 1. PB2012: ONNX Runtime rejects the model. PB3003: there are no batches. PB3004: a batch does
    /// not fit. PB3020: there is no residual stream that can be narrowed.
    /// </exception>
    public static HiddenSizeReport Prune(
        OnnxModel model, string modelPath, IEnumerable<CalibrationBatch> batches, HiddenSizeOptions options, CancellationToken cancellation = default)
    {
        if (options.Remaining is not (> 0 and <= 1))
            throw new PruneBuildException("PB1014", options.Remaining);
        var (channels, norms) = Stream(model);
        var before = (Macs: ModelCost.Macs(model).Values.Sum(), model.WeightBytes);
        using var stream = new ActivationStream(model, modelPath, options.Threads, options.ScratchFolder);
        stream.Fill(batches, cancellation);
        if (stream.Batches == 0)
            throw new PruneBuildException("PB3003", "hidden size");
        var importance = Importance(model, stream, norms, channels.Size, cancellation);
        List<int> kept = [.. (options.Channels ?? UnitOrdering.Descending(importance).Take(Width(channels.Size, options))).Order()];
        if (DimensionEdit.Refusal(model, [new DimensionSelection(channels, kept)]) is { } refusal)
            throw new PruneBuildException("PB3020", channels.Name, refusal);

        var factors = norms.Select(norm => options.CorrectScales ? Factor(stream, norm, channels.Size, kept, cancellation) : (double?)null).ToList();
        var scales = norms.Zip(factors, (norm, factor) => Scale(model, norm, factor)).ToList();
        // A scale that got a copy of its own is a new member.
        DimensionEdit.Select(model, Stream(model).Channels, kept);
        return new HiddenSizeReport(
            channels.Size, kept, importance, scales, (before.Macs, ModelCost.Macs(model).Values.Sum()), (before.WeightBytes, model.WeightBytes));
    }

    /// <summary>The class that the residual blocks' inputs have in common, and the normalizations over it.</summary>
    private static (DimensionClass Channels, IReadOnlyList<Normalization> Norms) Stream(OnnxModel model)
    {
        var inputs = TransformerView.ResidualBlocks(model).Select(block => block.Input).ToHashSet(StringComparer.Ordinal);
        var found = DimensionClosure.Analyze(model).Where(found => found.Reducers.Count > 0 && found.Values.Any(inputs.Contains))
            .MaxBy(found => found.Values.Count(inputs.Contains)) ?? throw new PruneBuildException("PB3020", model.Graph.Name, "no residual stream with normalizations was found");
        var norms = Normalizations.Find(model).Where(norm => norm.Nodes.Any(node => found.Reducers.Contains(node))).ToList();
        if (found.Reducers.FirstOrDefault(node => !norms.Any(norm => norm.Nodes.Contains(node))) is { } other)
            throw new PruneBuildException("PB3020", found.Name, $"{other.OpType} '{other.Name}' sums over them and is no normalization that is known");
        if (found.FrozenReason is not null)
            throw new PruneBuildException("PB3020", found.Name, found.FrozenReason);
        return (found, norms);
    }

    private static double[] Importance(OnnxModel model, ActivationStream stream, IReadOnlyList<Normalization> norms, int channels, CancellationToken cancellation)
    {
        var inside = TransformerView.ResidualBlocks(model).SelectMany(block => block.Body).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var scored = norms.Where(norm => inside.Contains(norm.Scaling)).ToList();
        // Normalizations behind the sums, as in the first transformers, are in no block.
        var sums = (scored.Count > 0 ? scored : norms).DistinctBy(norm => norm.Output).ToDictionary(norm => norm.Output, _ => new double[channels], StringComparer.Ordinal);
        stream.Advance(new StreamRequest([.. norms.Select(norm => norm.Input).Concat(sums.Keys).Distinct()], []) { KeepTargets = true }, (name, _, value) =>
        {
            if (!sums.TryGetValue(name, out var own))
                return;
            var shape = value.GetTensorTypeAndShape().Shape;
            ChannelEnergy.Add(value.GetTensorDataAsSpan<float>(), (int)shape[0], own);
        }, cancellation);
        var total = new double[channels];
        foreach (var own in norms.Where(norm => sums.ContainsKey(norm.Output)).Select(norm => sums[norm.Output]))
            for (var channel = 0; channel < channels; channel++)
                total[channel] += Math.Sqrt(own[channel]);
        return total;
    }

    private static int Width(int channels, HiddenSizeOptions options)
    {
        var multiple = options.Align ?? (channels < ManyChannels ? NarrowMultiple : WideMultiple);
        var wanted = (int)Math.Ceiling(channels * options.Remaining);
        return Math.Clamp((wanted + multiple - 1) / multiple * multiple, Math.Min(multiple, channels), channels);
    }

    /// <summary>ρ of a normalization; 1 where nothing flows.</summary>
    private static double Factor(ActivationStream stream, Normalization norm, int channels, IReadOnlyList<int> kept, CancellationToken cancellation)
    {
        List<int> all = [.. Enumerable.Range(0, channels)];
        double before = 0, after = 0;
        for (var batch = 0; batch < stream.Batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var value = stream.Read(norm.Input, batch);
            before += ChannelEnergy.MeanSquare(value.GetTensorDataAsSpan<float>(), channels, all, norm.IsCentered);
            after += ChannelEnergy.MeanSquare(value.GetTensorDataAsSpan<float>(), channels, kept, norm.IsCentered);
        }
        return before > 0 && after > 0 ? Math.Sqrt(after / before) : 1;
    }

    private static ScaleReport Scale(OnnxModel model, Normalization norm, double? factor)
    {
        var name = norm.Scaling.Name.Length > 0 ? norm.Scaling.Name : norm.Scaling.Output[0];
        if (factor is not { } rho)
            return new ScaleReport(name, null, null);
        if (!model.Weights.TryGetValue(norm.Scale, out var weight) || weight.Type != TensorProto.Types.DataType.Float)
            return new ScaleReport(name, null, "its scale is no float initializer");
        float[] scaled = [.. weight.ReadSingles().Select(value => (float)(value * rho))];
        // Others that use the same scale have factors of their own.
        if (new GraphIndex(model.Graph).Uses(weight.Name).Count > 1)
            norm.Scaling.Input[norm.ScaleIndex] = ValueNames.Fresh(model, weight.Name);
        model.SetWeight(norm.Scale, [.. weight.Shape], scaled);
        return new ScaleReport(name, rho, null);
    }
}
