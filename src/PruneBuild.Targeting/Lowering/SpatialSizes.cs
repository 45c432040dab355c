using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>
/// Positions of the values [batch, channels, positions...] of a convolutional graph, followed from the declared shapes through
/// convolutions, pools and operators that keep them (ONNX operators Conv, MaxPool, AveragePool). Unknown operators end the trail.
/// </summary>
internal sealed class SpatialSizes
{
    private static readonly HashSet<string> Keeping = new(StringComparer.Ordinal)
    {
        "BatchNormalization", "Cast", "Clip", "Dropout", "Elu", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "LeakyRelu",
        "PRelu", "Relu", "Selu", "Sigmoid", "Softplus", "Tanh", "QuantizeLinear", "DequantizeLinear",
    };

    private static readonly HashSet<string> Joining = new(StringComparer.Ordinal) { "Add", "Sub", "Mul", "Div", "Sum", "Max", "Min", "Concat" };

    private readonly Dictionary<string, long[]> sizes = new(StringComparer.Ordinal);

    public SpatialSizes(OnnxModel model)
    {
        foreach (var value in model.Graph.ValueInfo.Concat(model.Graph.Input))
            if (value.Type?.TensorType?.Shape?.Dim is { Count: > 2 } dimensions && dimensions.Skip(2).All(dimension => dimension.DimValue > 0))
                sizes[value.Name] = [.. dimensions.Skip(2).Select(dimension => dimension.DimValue)];
        foreach (var node in model.Graph.Node)
            if (node.Output.Count > 0 && !sizes.ContainsKey(node.Output[0]) && Follow(model, node) is { } size)
                sizes[node.Output[0]] = size;
    }

    /// <summary>Positions of one sample, or null.</summary>
    public long? Of(string value) =>
        sizes.TryGetValue(value, out var size) ? size.Aggregate(1L, (product, dimension) => product * dimension) : null;

    private long[]? Follow(OnnxModel model, NodeProto node)
    {
        if (Joining.Contains(node.OpType))
            return node.Input.Select(input => sizes.GetValueOrDefault(input)).FirstOrDefault(size => size is not null);
        if (node.Input.Count == 0 || !sizes.TryGetValue(node.Input[0], out var input))
            return null;
        if (Keeping.Contains(node.OpType))
            return input;
        return node.OpType switch
        {
            "Conv" => Slide(node, input, node.GetInts("kernel_shape", Kernel(model, node))),
            "MaxPool" or "AveragePool" => Slide(node, input, node.GetInts("kernel_shape", [])),
            "GlobalAveragePool" or "GlobalMaxPool" => [.. input.Select(_ => 1L)],
            _ => null,
        };
    }

    private static long[] Kernel(OnnxModel model, NodeProto node) =>
        model.Weights.TryGetValue(node.Input[1], out var weight) ? [.. weight.Shape.Skip(2)] : [];

    private static long[]? Slide(NodeProto node, long[] input, IReadOnlyList<long> kernel)
    {
        var ones = input.Select(_ => 1L).ToArray();
        var strides = node.GetInts("strides", ones);
        var dilations = node.GetInts("dilations", ones);
        var pads = node.GetInts("pads", new long[2 * input.Length]);
        if (kernel.Count != input.Length || strides.Count != input.Length || dilations.Count != input.Length || pads.Count != 2 * input.Length
            || strides.Any(stride => stride < 1))
            return null;
        var output = new long[input.Length];
        for (var axis = 0; axis < input.Length; axis++)
        {
            var reach = dilations[axis] * (kernel[axis] - 1) + 1;
            var room = input[axis] - reach + pads[axis] + pads[axis + input.Length];
            output[axis] = node.GetText("auto_pad", "NOTSET") switch
            {
                "SAME_UPPER" or "SAME_LOWER" => (input[axis] + strides[axis] - 1) / strides[axis],
                "VALID" => (input[axis] - reach) / strides[axis] + 1,
                _ => (room + (node.GetInt("ceil_mode", 0) != 0 ? strides[axis] - 1 : 0)) / strides[axis] + 1,
            };
            if (output[axis] < 1)
                return null;
        }
        return output;
    }
}
