using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>A Conv with its constant bias and what follows it, as one <c>prunebuild.SparseConv</c> can compute them.</summary>
/// <param name="Site">The convolution.</param>
/// <param name="BiasName">Float initializer [outputs], or null.</param>
/// <param name="Strides">One for each axis.</param>
/// <param name="Pads">All beginnings, then all ends.</param>
/// <param name="Dilations">One for each axis.</param>
/// <param name="Tail">Residual and activation.</param>
internal sealed record ConvPattern(
    WeightSite Site, string? BiasName, IReadOnlyList<long> Strides, IReadOnlyList<long> Pads, IReadOnlyList<long> Dilations, FusedTail Tail)
{
    /// <summary>Recognizes the pattern around a Conv, or says why no kernel can replace the operator.</summary>
    public static (ConvPattern? Pattern, string? Obstacle) Match(OnnxModel model, GraphIndex index, WeightSite site)
    {
        var node = site.Node;
        var rank = site.KernelShape.Count;
        if (site.Groups != 1)
            return (null, $"a Conv of {site.Groups} groups");
        if (rank is not (1 or 2))
            return (null, $"a Conv of {rank} spatial dimensions");
        long[] ones = [.. Enumerable.Repeat(1L, rank)];
        var strides = node.GetInts("strides", ones);
        var dilations = node.GetInts("dilations", ones);
        if (strides.Count != rank || dilations.Count != rank)
            return (null, "strides or dilations that do not fit the weight");
        if (Padding(site, strides, dilations) is not { } pads || pads.Count != 2 * rank || pads.Any(pad => pad < 0))
            return (null, "padding that depends on the size of the input");
        var bias = node.Input.Count > 2 && node.Input[2].Length > 0 ? node.Input[2] : null;
        if (bias is not null && !(model.Weights.TryGetValue(bias, out var weight) && weight.Type == TensorProto.Types.DataType.Float && weight.Elements == site.Outputs))
            return (null, "a Conv with a bias that is not a constant");
        return (new(site, bias, strides, pads, dilations, FusedTail.Match(model, index, site.OutputName)), null);
    }

    /// <summary>The pads of the node; those of auto_pad where they do not depend on the input.</summary>
    private static IReadOnlyList<long>? Padding(WeightSite site, IReadOnlyList<long> strides, IReadOnlyList<long> dilations)
    {
        long[] zeros = [.. Enumerable.Repeat(0L, 2 * strides.Count)];
        var mode = site.Node.GetText("auto_pad", "NOTSET");
        if (mode is "NOTSET" or "")
            return site.Node.GetInts("pads", zeros);
        if (mode == "VALID")
            return zeros;
        if (mode is not ("SAME_UPPER" or "SAME_LOWER") || strides.Any(stride => stride != 1))
            return null;
        long[] reach = [.. site.KernelShape.Select((size, axis) => dilations[axis] * (size - 1))];
        var (half, rest) = (reach.Select(total => total / 2), reach.Select(total => total - total / 2));
        return mode == "SAME_UPPER" ? [.. half, .. rest] : [.. rest, .. half];
    }
}
