using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>
/// Shapes of a graph's values as far as they follow from declarations and operators. A dimension is a number or an expression of
/// symbols: two values whose dimensions read the same have the same shape in every run. Operators not known here end the trail.
/// </summary>
internal sealed class KnownShapes
{
    private static readonly HashSet<string> Keeping = new(StringComparer.Ordinal)
    {
        "BatchNormalization", "Cast", "Clip", "Dropout", "Elu", "Erf", "Gelu", "FastGelu", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization",
        "LayerNormalization", "LeakyRelu", "PRelu", "QuickGelu", "Relu", "Selu", "Sigmoid", "SimplifiedLayerNormalization", "SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization", "Softmax", "Softplus", "Sqrt", "Tanh",
    };

    private readonly Dictionary<string, string[]> shapes = new(StringComparer.Ordinal);

    public KnownShapes(OnnxModel model)
    {
        foreach (var value in model.Graph.Input.Concat(model.Graph.ValueInfo).Concat(model.Graph.Output))
        {
            if (value.Type?.TensorType?.Shape is { } shape)
                shapes.TryAdd(value.Name, [.. shape.Dim.Select((dimension, axis) => Declared(dimension, value.Name, axis))]);
        }

        foreach (var (name, weight) in model.Weights)
            shapes[name] = [.. weight.Shape.Select(size => $"{size}")];
        foreach (var node in model.Graph.Node)
        {
            // What operators imply is preferred: a name that an exporter gives a dimension is often made up for each value.
            if (node.Output.Count > 0 && Follow(node) is { } shape)
                shapes[node.Output[0]] = shape;
        }
    }

    /// <summary>The number of dimensions, or null.</summary>
    public int? RankOf(string value) => shapes.TryGetValue(value, out var shape) ? shape.Length : null;

    /// <summary>Whether two values certainly have the same shape.</summary>
    public bool AreEqual(string first, string second) =>
        shapes.TryGetValue(first, out var left) && shapes.TryGetValue(second, out var right) && left.SequenceEqual(right);

    private static string Declared(TensorShapeProto.Types.Dimension dimension, string value, int axis) => dimension.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => $"{dimension.DimValue}",
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dimension.DimParam.Length > 0 => $"'{dimension.DimParam}'",
        _ => $"'{value}'.{axis}",
    };

    private string[]? Follow(NodeProto node)
    {
        if (node.Input.Count == 0 || !shapes.TryGetValue(node.Input[0], out var input))
            return null;
        if (Keeping.Contains(node.OpType))
            return input;
        var second = node.Input.Count > 1 ? shapes.GetValueOrDefault(node.Input[1]) : null;
        return node.OpType switch
        {
            "Add" or "Sub" or "Mul" or "Div" => second is null ? null : Broadcast(input, second),
            "MatMul" or "DynamicQuantizeMatMul" => second is [_, var columns] && input.Length >= 2 ? [.. input[..^1], columns] : null,
            "SparseMatMul" or "MatMulNBits" when input.Length >= 1 => [.. input[..^1], $"{node.GetInt("N", 0)}"],
            "Gather" when node.GetInt("axis", 0) == 0 && second is not null && input.Length >= 1 => [.. second, .. input[1..]],
            "GatherBlockQuantized" when node.GetInt("gather_axis", 0) == 0 && second is not null && input is [_, var bytes] && long.TryParse(bytes, out var width) =>
                [.. second, $"{width * 8 / node.GetInt("bits", 4)}"],
            // Queries alone; together with keys and values they are wider than what comes out.
            "GroupQueryAttention" when node.Input.Count > 2 && node.Input[1].Length > 0 => input,
            "Gemm" => second is [_, _] && input.Length == 2 && node.GetInt("transA", 0) == 0 ? [input[0], second[node.GetInt("transB", 0) == 0 ? 1 : 0]] : null,
            "Conv" => second is { Length: >= 3 } && second.Length == input.Length ? Slide(node, input, second[0], second[2..]) : null,
            "SparseConv" => Slide(node, input, $"{node.GetInt("N", 0)}", []),
            "MaxPool" or "AveragePool" when input.Length >= 3 => Slide(node, input, input[1], []),
            "GlobalAveragePool" or "GlobalMaxPool" when input.Length >= 3 => [.. input[..2], .. input[2..].Select(_ => "1")],
            _ => null,
        };
    }

    /// <summary>Numpy's rule, where a symbol beside another dimension than 1 and itself says nothing certain.</summary>
    private static string[]? Broadcast(string[] first, string[] second)
    {
        var result = new string[Math.Max(first.Length, second.Length)];
        for (var fromEnd = 1; fromEnd <= result.Length; fromEnd++)
        {
            var left = fromEnd <= first.Length ? first[^fromEnd] : "1";
            var right = fromEnd <= second.Length ? second[^fromEnd] : "1";
            if (left != right && left != "1" && right != "1")
                return null;
            result[^fromEnd] = left == "1" ? right : left;
        }

        return result;
    }

    private static string[]? Slide(NodeProto node, string[] input, string channels, string[] weightKernel)
    {
        var rank = input.Length - 2;
        long[] ones = [.. Enumerable.Repeat(1L, Math.Max(rank, 0))];
        var kernel = node.GetInts("kernel_shape", [.. weightKernel.Select(long.Parse)]);
        var strides = node.GetInts("strides", ones);
        var dilations = node.GetInts("dilations", ones);
        var pads = node.GetInts("pads", [.. Enumerable.Repeat(0L, 2 * ones.Length)]);
        if (rank < 1 || kernel.Count != rank || strides.Count != rank || dilations.Count != rank || pads.Count != 2 * rank)
            return null;
        var autoPad = node.GetText("auto_pad", "NOTSET");
        var ceiling = node.GetInt("ceil_mode", 0);
        return [input[0], channels, .. Enumerable.Range(0, rank).Select(axis => Slide(
            input[axis + 2], dilations[axis] * (kernel[axis] - 1), strides[axis], pads[axis] + pads[axis + rank], autoPad, ceiling))];
    }

    private static string Slide(string size, long reach, long stride, long padding, string autoPad, long ceiling)
    {
        if (autoPad is "SAME_UPPER" or "SAME_LOWER" ? stride == 1 : autoPad == "NOTSET" && stride == 1 && padding == reach)
            return size;
        return autoPad == "NOTSET" && ceiling == 0 && stride >= 1 && long.TryParse(size, out var number)
            ? $"{(number + padding - reach - 1) / stride + 1}"
            : $"slide({size},{reach},{stride},{padding},{autoPad},{ceiling})";
    }
}
