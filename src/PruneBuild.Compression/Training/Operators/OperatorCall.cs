using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>One node about to run: its attributes, its inputs, and how batch normalization is meant.</summary>
/// <param name="Node">The node.</param>
/// <param name="Opset">Version of the default domain.</param>
/// <param name="Inputs">By position; null where the node leaves an optional input out.</param>
/// <param name="BatchStatistics">Where batch normalization leaves the statistics of this batch; null normalizes with the stored ones.</param>
internal sealed record OperatorCall(
    NodeProto Node, long Opset, IReadOnlyList<torch.Tensor?> Inputs, IDictionary<string, BatchStatistics>? BatchStatistics = null)
{
    /// <summary>A required input.</summary>
    public torch.Tensor this[int index] => Optional(index) ?? throw Unsupported($"input {index} is missing");

    /// <summary>An optional input, or null.</summary>
    public torch.Tensor? Optional(int index) => index < Inputs.Count ? Inputs[index] : null;

    /// <summary>The integers of an input, or null when the node leaves it out.</summary>
    public long[]? Longs(int index) => Optional(index) is { } tensor ? TorchTensors.Longs(tensor) : null;

    /// <summary>Axes, which older opsets hold in an attribute and newer ones in an input; null when neither is there.</summary>
    public long[]? Axes(int inputIndex) =>
        Node.Attribute.Any(attribute => attribute.Name == "axes") ? [.. Node.GetInts("axes", [])] : Longs(inputIndex);

    /// <summary>An axis counted from the front.</summary>
    public static long FromFront(long axis, long rank) => axis < 0 ? axis + rank : axis;

    /// <summary>The error of a node that asks for what the interpreter does not do.</summary>
    public PruneBuildException Unsupported(string what) => Unsupported(Node, what);

    /// <inheritdoc cref="Unsupported(string)"/>
    public static PruneBuildException Unsupported(NodeProto node, string what) =>
        new("PB3007", node.Name.Length > 0 ? node.Name : node.Output[0], node.OpType, what);
}

/// <summary>What batch normalization measured on one batch; both [channels].</summary>
/// <param name="Mean">Mean.</param>
/// <param name="Variance">Unbiased variance.</param>
internal sealed record BatchStatistics(torch.Tensor Mean, torch.Tensor Variance);
