using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>
/// What follows a product and its bias as one custom node can compute it: a residual, then an activation. Each link has to be the
/// only user of the value before it.
/// </summary>
/// <param name="Output">The value at the end.</param>
/// <param name="Residual">The other operand of the Add, or null.</param>
/// <param name="Activation">Applied last.</param>
/// <param name="Nodes">The nodes that the tail is made of, in no order.</param>
internal sealed record FusedTail(string Output, string? Residual, SparseActivation Activation, IReadOnlyList<NodeProto> Nodes)
{
    /// <summary>Follows the graph from a value on.</summary>
    public static FusedTail Match(OnnxModel model, GraphIndex index, string value)
    {
        var tail = new FusedTail(value, null, SparseActivation.None, []);
        if (Residuals(model, index, value) is var (add, residual))
            tail = new(add.Output[0], residual, SparseActivation.None, [add]);
        return ActivationPattern.Match(model, index, tail.Output) is { } activation
            ? tail with { Output = activation.Output, Activation = activation.Activation, Nodes = [.. tail.Nodes, .. activation.Nodes] }
            : tail;
    }

    private static (NodeProto Add, string Residual)? Residuals(OnnxModel model, GraphIndex index, string value)
    {
        if (index.OnlyConsumer(value) is not { OpType: "Add", Domain: "" or "ai.onnx", Input.Count: 2 } add)
            return null;
        var other = add.Input[add.Input[0] == value ? 1 : 0];
        if (model.Weights.ContainsKey(other) || index.Producer(other)?.OpType == "Constant" || FeedsNormalization(index, add.Output[0]))
            return null;
        return new KnownShapes(model).AreEqual(value, other) ? (add, other) : null;
    }

    /// <summary>ONNX Runtime fuses a sum and the normalization of it as SkipLayerNormalization, in one operator or decomposed.</summary>
    private static bool FeedsNormalization(GraphIndex index, string sum) =>
        index.Uses(sum).Any(use => use.Node.OpType is "LayerNormalization" or "SimplifiedLayerNormalization" or "RMSNormalization" or "ReduceMean" or "Pow");
}
