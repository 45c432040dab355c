using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>
/// Finds RMSNorm and LayerNorm, as one operator or as exporters spell them out: x / √(mean x² + ε) · γ with Pow or Mul, Div or
/// Reciprocal, Casts in between, and x − mean x before for LayerNorm.
/// </summary>
public static class Normalizations
{
    private static readonly string[] Fused = ["LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"];

    /// <summary>The normalizations of the main graph, in node order.</summary>
    public static IReadOnlyList<Normalization> Find(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        return [.. model.Graph.Node.Select(node => Fused.Contains(node.OpType) ? OfOperator(node) : node.OpType == "ReduceMean" ? OfMean(model, index, node) : null).OfType<Normalization>()];
    }

    private static Normalization? OfOperator(NodeProto node) => node.Input.Count < 2 ? null
        : new Normalization(node.Input[0], node.Output[0], node, 1, node.OpType == "LayerNormalization", [node]);

    /// <summary>The normalization whose mean of squares a node takes.</summary>
    private static Normalization? OfMean(OnnxModel model, GraphIndex index, NodeProto mean)
    {
        List<NodeProto> nodes = [mean];
        if (Squared(model, index, mean.Input[0], nodes) is not { } normalized)
            return null;
        var input = Centered(index, normalized, nodes) ?? normalized;
        if (Root(model, index, mean.Output[0], nodes) is not { } root)
            return null;
        var quotient = Quotient(model, index, normalized, root, nodes);
        if (quotient is null || Next(index, quotient, nodes) is not { OpType: "Mul" } scaling)
            return null;
        nodes.Add(scaling);
        var output = scaling.Output[0];
        if (input != normalized && index.OnlyConsumer(output) is { OpType: "Add" } bias && bias.Input.Any(model.Weights.ContainsKey))
        {
            nodes.Add(bias);
            output = bias.Output[0];
        }
        return new Normalization(input, output, scaling, Leads(index, scaling.Input[0], quotient) ? 1 : 0, input != normalized, nodes);
    }

    /// <summary>v of v², or null.</summary>
    private static string? Squared(OnnxModel model, GraphIndex index, string value, List<NodeProto> nodes)
    {
        if (Before(index, value, nodes) is not { } square)
            return null;
        nodes.Add(square);
        return square.OpType == "Pow" && Constant(model, index, square.Input[1]) == 2 ? Origin(index, square.Input[0], nodes)
            : square.OpType == "Mul" && square.Input[0] == square.Input[1] ? Origin(index, square.Input[0], nodes) : null;
    }

    /// <summary>x of x − mean x, or null.</summary>
    private static string? Centered(GraphIndex index, string value, List<NodeProto> nodes)
    {
        if (index.Producer(value) is not { OpType: "Sub" } difference || Before(index, difference.Input[1], []) is not { OpType: "ReduceMean" } mean
            || Origin(index, mean.Input[0], []) != Origin(index, difference.Input[0], []))
        {
            return null;
        }
        nodes.AddRange([difference, mean]);
        return Origin(index, difference.Input[0], nodes);
    }

    /// <summary>√(mean + ε).</summary>
    private static string? Root(OnnxModel model, GraphIndex index, string value, List<NodeProto> nodes)
    {
        var next = Next(index, value, nodes);
        if (next is { OpType: "Add" })
        {
            nodes.Add(next);
            if (!next.Input.Any(input => Constant(model, index, input) is not null))
                return null;
            next = Next(index, next.Output[0], nodes);
        }
        if (next is not { OpType: "Sqrt" })
            return null;
        nodes.Add(next);
        return next.Output[0];
    }

    /// <summary>v / root, or v times its reciprocal.</summary>
    private static string? Quotient(OnnxModel model, GraphIndex index, string normalized, string root, List<NodeProto> nodes)
    {
        var next = Next(index, root, nodes);
        if (next is null)
            return null;
        nodes.Add(next);
        if (next.OpType == "Div" && Origin(index, next.Input[0], nodes) == normalized)
            return next.Output[0];
        if (next.OpType != "Reciprocal" && !(next.OpType == "Div" && Constant(model, index, next.Input[0]) == 1))
            return null;
        if (Next(index, next.Output[0], nodes) is not { OpType: "Mul" } product || !product.Input.Any(input => Origin(index, input, nodes) == normalized))
            return null;
        nodes.Add(product);
        return product.Output[0];
    }

    /// <summary>The only reader of a value, behind Casts.</summary>
    private static NodeProto? Next(GraphIndex index, string value, List<NodeProto> nodes)
    {
        var next = index.OnlyConsumer(value);
        while (next is { OpType: "Cast" or "Identity" })
        {
            nodes.Add(next);
            next = index.OnlyConsumer(next.Output[0]);
        }
        return next;
    }

    /// <summary>The node that makes a value, before Casts.</summary>
    private static NodeProto? Before(GraphIndex index, string value, List<NodeProto> nodes) => index.Producer(Origin(index, value, nodes));

    /// <summary>The value that Casts make a value from.</summary>
    private static string Origin(GraphIndex index, string value, List<NodeProto> nodes)
    {
        while (index.Producer(value) is { OpType: "Cast" or "Identity" } cast)
        {
            if (!nodes.Contains(cast))
                nodes.Add(cast);
            value = cast.Input[0];
        }
        return value;
    }

    private static bool Leads(GraphIndex index, string value, string origin) => value == origin || Origin(index, value, []) == origin;

    /// <summary>A scalar constant as a number, or null; infinity for one that is not float.</summary>
    private static double? Constant(OnnxModel model, GraphIndex index, string value)
    {
        if (model.Weights.TryGetValue(value, out var weight))
        {
            return weight.Elements != 1 ? null : weight.Type switch
            {
                TensorProto.Types.DataType.Float => weight.ReadSingles()[0],
                TensorProto.Types.DataType.Int64 => weight.Read<long>()[0],
                TensorProto.Types.DataType.Int32 => weight.Read<int>()[0],
                _ => double.PositiveInfinity,
            };
        }
        return index.Producer(value) is { OpType: "Constant" } node && node.Attribute.FirstOrDefault() is { } attribute
            ? attribute.Name switch
            {
                "value_float" => attribute.F,
                "value_int" => attribute.I,
                "value" when attribute.T is { DataType: (int)TensorProto.Types.DataType.Float, FloatData: [var item] } => item,
                "value" when attribute.T is { DataType: (int)TensorProto.Types.DataType.Float, RawData.Length: sizeof(float) } tensor => BitConverter.ToSingle(tensor.RawData.Span),
                _ => double.PositiveInfinity,
            }
            : null;
    }
}
