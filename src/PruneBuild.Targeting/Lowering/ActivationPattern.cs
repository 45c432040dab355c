using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>An activation function, as one operator or as the operators that exporters write it with.</summary>
/// <param name="Activation">The function.</param>
/// <param name="Output">Its result.</param>
/// <param name="Nodes">What computes it; nothing else uses what is between them.</param>
internal sealed record ActivationPattern(SparseActivation Activation, string Output, IReadOnlyList<NodeProto> Nodes)
{
    /// <summary>The activation of a value that has no other use, or null.</summary>
    public static ActivationPattern? Match(OnnxModel model, GraphIndex index, string value)
    {
        if (index.OnlyConsumer(value) is { } only)
            return Single(model, index, only) is { } activation ? new(activation, only.Output[0], [only]) : null;
        if (index.IsOutput(value) || index.Uses(value) is not [{ InputIndex: >= 0, Node: var first }, { InputIndex: >= 0, Node: var second }])
            return null;
        return Gated(model, index, value, first, second) ?? Gated(model, index, value, second, first);
    }

    private static SparseActivation? Single(OnnxModel model, GraphIndex index, NodeProto node) => (node.Domain, node.OpType) switch
    {
        ("" or "ai.onnx", "Relu") => SparseActivation.Relu,
        ("" or "ai.onnx", "Sigmoid") => SparseActivation.Sigmoid,
        ("" or "ai.onnx", "Tanh") => SparseActivation.Tanh,
        ("" or "ai.onnx", "Clip") when IsRelu6(model, index, node) => SparseActivation.Relu6,
        ("" or "ai.onnx", "Gelu") => node.GetText("approximate", "none") == "tanh" ? SparseActivation.GeluTanh : SparseActivation.Gelu,
        ("com.microsoft", "Gelu") => SparseActivation.Gelu,
        ("com.microsoft", "FastGelu") when node.Input.Count == 1 || node.Input[1].Length == 0 => SparseActivation.GeluTanh,
        _ => null,
    };

    private static bool IsRelu6(OnnxModel model, GraphIndex index, NodeProto node) => node.Input.Count == 1
        ? node.GetFloat("min", float.MinValue) == 0 && node.GetFloat("max", float.MaxValue) == 6
        : node.Input.Count == 3 && ScalarConstants.Find(model, index, node.Input[1]) == 0 && ScalarConstants.Find(model, index, node.Input[2]) == 6;

    /// <summary>A function of the value times the value: SiLU, or Gelu with the error function.</summary>
    private static ActivationPattern? Gated(OnnxModel model, GraphIndex index, string value, NodeProto gate, NodeProto product)
    {
        if (gate == product || product is not { OpType: "Mul", Domain: "" or "ai.onnx" })
            return null;
        if (IsPlain(gate, "Sigmoid"))
            return index.OnlyConsumer(gate.Output[0]) == product ? new(SparseActivation.Silu, product.Output[0], [gate, product]) : null;

        // x / √2, erf, + 1.
        if (Other(gate, value) is not { } root || index.OnlyConsumer(gate.Output[0]) is not { } erf || !IsPlain(erf, "Erf"))
            return null;
        var isScaled = (IsPlain(gate, "Div") && gate.Input[0] == value && ScalarConstants.Is(model, index, root, Math.Sqrt(2)))
            || (IsPlain(gate, "Mul") && ScalarConstants.Is(model, index, root, Math.Sqrt(0.5)));
        if (!isScaled || index.OnlyConsumer(erf.Output[0]) is not { } add || !IsPlain(add, "Add") || !HasConstant(add, erf.Output[0], 1))
            return null;

        // x, the sum and 0.5 are multiplied in any order.
        if (index.OnlyConsumer(add.Output[0]) is not { } next || !IsPlain(next, "Mul"))
            return null;
        NodeProto? last = null;
        if (next == product)
            last = index.OnlyConsumer(product.Output[0]) is { } half && IsPlain(half, "Mul") && HasConstant(half, product.Output[0], 0.5) ? half : null;
        else if (HasConstant(next, add.Output[0], 0.5))
            last = index.OnlyConsumer(next.Output[0]) == product ? product : null;
        else if (HasConstant(product, value, 0.5))
            last = index.OnlyConsumer(product.Output[0]) == next ? next : null;
        return last is null ? null : new(SparseActivation.Gelu, last.Output[0], [.. new[] { gate, erf, add, next, product, last }.Distinct()]);

        bool HasConstant(NodeProto node, string operand, double constant) =>
            Other(node, operand) is { } other && ScalarConstants.Is(model, index, other, constant);
    }

    private static bool IsPlain(NodeProto node, string op) => node.OpType == op && (node.Domain is "" or "ai.onnx");

    private static string? Other(NodeProto node, string operand) =>
        node.Input is [var first, var second] ? first == operand ? second : second == operand ? first : null : null;
}
