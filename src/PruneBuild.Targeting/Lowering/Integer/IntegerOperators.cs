using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Targeting;

/// <summary>
/// Turns nodes between DequantizeLinear and QuantizeLinear into ONNX Runtime's operators on bytes: QLinearConv, QLinearMatMul, QGemm, QLinearAdd and its like.
/// ONNX Runtime would do the same when it loads a model, but not beside weights that it is to turn to float then
/// (<c>session.disable_quant_qdq</c>), which the float layers of an artifact need.
/// </summary>
internal static class IntegerOperators
{
    private static readonly Dictionary<string, (int[] Operands, Action<OnnxModel, IntegerFusion> Fuse)> Operators = new(StringComparer.Ordinal)
    {
        ["Conv"] = ([0], (_, fusion) => Conv(fusion)),
        ["Gemm"] = ([0], (_, fusion) => Gemm(fusion)),
        ["MatMul"] = ([0, 1], MatMul),
        ["Add"] = ([0, 1], (_, fusion) => Add(fusion)),
        ["GlobalAveragePool"] = ([0], (_, fusion) => Pool(fusion)),
        ["AveragePool"] = ([0], (_, fusion) => Pool(fusion)),
        ["MaxPool"] = ([0], (_, fusion) => Move(fusion)),
        ["Reshape"] = ([0], (_, fusion) => Move(fusion)),
        ["Flatten"] = ([0], (_, fusion) => Move(fusion)),
        ["Transpose"] = ([0], (_, fusion) => Move(fusion)),
        ["Squeeze"] = ([0], (_, fusion) => Move(fusion)),
        ["Unsqueeze"] = ([0], (_, fusion) => Move(fusion)),
    };

    /// <summary>The inputs of a node that have to be bytes, weights aside; null for a node that no operator on bytes replaces.</summary>
    public static IReadOnlyList<int>? Operands(NodeProto node) =>
        node.Domain is "" or "ai.onnx" && Operators.TryGetValue(node.OpType, out var found) ? found.Operands : null;

    /// <summary>Replaces what can be; the rest computes the same in float.</summary>
    public static void Fuse(OnnxModel model)
    {
        foreach (var node in model.Graph.Node.ToList())
        {
            if (Operands(node) is not null && model.Graph.Node.Contains(node))
                Operators[node.OpType].Fuse(model, new IntegerFusion(model, new GraphIndex(model.Graph), node));
        }
        var order = new DataFlow(model).Nodes;
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(order);
    }

    private static void Conv(IntegerFusion fusion)
    {
        if (fusion.Activation(0) is not { } x || fusion.Weight() is not { } w || fusion.Bias() is not { } bias || fusion.Result() is not { } y)
            return;
        fusion.Write("QLinearConv", isContributed: false, y, x.Name, x.Scale, x.Zero, w.Name, w.Scale, w.Zero, y.Bytes.Scale, y.Bytes.Zero, bias);
    }

    private static void Gemm(IntegerFusion fusion)
    {
        if (fusion.Activation(0) is not { } x || fusion.Weight() is not { } w || fusion.Bias() is not { } bias)
            return;
        // It is 1: layers with a factor are not quantized.
        fusion.Drop("beta");
        if (fusion.Result() is { } y)
            fusion.Write("QGemm", isContributed: true, y, x.Name, x.Scale, x.Zero, w.Name, w.Scale, w.Zero, bias, y.Bytes.Scale, y.Bytes.Zero);
        else
            fusion.WriteFloat("QGemm", fusion.Node.Output[0], [], x.Name, x.Scale, x.Zero, w.Name, w.Scale, w.Zero, bias);
    }

    private static void MatMul(OnnxModel model, IntegerFusion fusion)
    {
        if (fusion.Activation(0) is not { } a || (fusion.Weight() ?? fusion.Activation(1)) is not { } b)
            return;
        if (fusion.Result() is { } y)
            fusion.Write("QLinearMatMul", isContributed: false, y, a.Name, a.Scale, a.Zero, b.Name, b.Scale, b.Zero, y.Bytes.Scale, y.Bytes.Zero);
        else if (fusion.AddedVector(model.Weights[b.Scale].Elements) is var (bias, add))
            fusion.WriteFloat("MatMulIntegerToFloat", add.Output[0], [add], a.Name, b.Name, a.Scale, b.Scale, a.Zero, b.Zero, bias);
        else
            fusion.WriteFloat("MatMulIntegerToFloat", fusion.Node.Output[0], [], a.Name, b.Name, a.Scale, b.Scale, a.Zero, b.Zero);
    }

    private static void Add(IntegerFusion fusion)
    {
        if (fusion.Activation(0) is not { } a || fusion.Activation(1) is not { } b || fusion.Result() is not { } y)
            return;
        fusion.Write("QLinearAdd", isContributed: true, y, a.Name, a.Scale, a.Zero, b.Name, b.Scale, b.Zero, y.Bytes.Scale, y.Bytes.Zero);
    }

    private static void Pool(IntegerFusion fusion)
    {
        if (fusion.Activation(0) is not { } x || fusion.Node.GetInts("dilations", []).Any(step => step != 1) || fusion.Result() is not { } y)
            return;
        fusion.Drop("dilations");
        fusion.Write($"QLinear{fusion.Node.OpType}", isContributed: true, y, x.Name, x.Scale, x.Zero, y.Bytes.Scale, y.Bytes.Zero);
    }

    private static void Move(IntegerFusion fusion)
    {
        if (fusion.Activation(0) is not { } x || fusion.Result() is not { } y || (x.Scale, x.Zero) != (y.Bytes.Scale, y.Bytes.Zero))
            return;
        fusion.Move(x, y);
    }
}
