using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Targeting;

/// <summary>
/// The QuantizeLinear and DequantizeLinear pairs of a model whose activations are quantized, and the nodes that run between them; float values have the
/// same names in both models.
/// </summary>
internal sealed class StaticQuantizedLayers(OnnxModel quantized)
{
    private readonly Dictionary<string, NodeProto> producers = quantized.Graph.Node
        .SelectMany(node => node.Output.Where(output => output.Length > 0).Select(output => (output, node)))
        .ToDictionary(pair => pair.output, pair => pair.node, StringComparer.Ordinal);

    private readonly GraphIndex index = new(quantized.Graph);

    /// <summary>Whether a layer reads quantized activations.</summary>
    public bool Contains(WeightSite site) => RunsOnBytes(site.Node) is not null;

    /// <summary>Puts the pairs into a model, around the nodes that it still has.</summary>
    /// <param name="model">The model with float activations, some of whose nodes may be replaced.</param>
    /// <param name="left">Outputs of the nodes that stay float all the same.</param>
    public void Insert(OnnxModel model, IReadOnlySet<string> left)
    {
        var known = new HashSet<string>(model.Weights.Keys, StringComparer.Ordinal);
        known.UnionWith(model.Graph.Input.Select(input => input.Name));
        known.UnionWith(model.Graph.Node.SelectMany(node => node.Output));
        foreach (var node in model.Graph.Node.ToList())
        {
            if (node.Output.Count == 0 || left.Contains(node.Output[0]) || RunsOnBytes(node) is not { } other)
                continue;
            for (var input = 0; input < node.Input.Count; input++)
            {
                Bring(model, known, other.Input[input]);
                node.Input[input] = other.Input[input];
            }
            // A product may write floats instead, and does where nothing on bytes reads it.
            if (other.OpType is not ("MatMul" or "Gemm") && ResultOf(other) is { } result)
                Bring(model, known, result);
        }
        var order = new DataFlow(model).Nodes;
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(order);
    }

    /// <summary>The node of the quantized model in the place of a node, if its activations are quantized there.</summary>
    private NodeProto? RunsOnBytes(NodeProto node) =>
        producers.TryGetValue(node.Output[0], out var other) && other.OpType == node.OpType && other.Domain == node.Domain
        && other.Input.Count == node.Input.Count && IntegerOperators.Operands(other) is { } operands && operands.All(operand => IsDequantized(other.Input[operand]))
        && !quantized.Weights.ContainsKey(producers[other.Input[0]].Input[0])
            ? other : null;

    private bool IsDequantized(string value) => producers.TryGetValue(value, out var node) && node.OpType == "DequantizeLinear";

    /// <summary>The dequantized value of what a node puts out, behind its activation function; null where that stays float.</summary>
    private string? ResultOf(NodeProto node)
    {
        var value = node.Output[0];
        if (index.OnlyConsumer(value) is { OpType: "Relu" or "Clip" } function)
            value = function.Output[0];
        var quantize = index.Uses(value).Select(use => use.Node).FirstOrDefault(user => user.OpType == "QuantizeLinear");
        return quantize is null ? null : index.Uses(quantize.Output[0]).Select(use => use.Node).FirstOrDefault(user => user.OpType == "DequantizeLinear")?.Output[0];
    }

    private void Bring(OnnxModel model, HashSet<string> known, string value)
    {
        if (value.Length == 0 || !known.Add(value))
            return;
        if (quantized.Weights.TryGetValue(value, out var weight))
        {
            using var view = weight.Open();
            model.SetWeight(value, weight.Type, [.. weight.Shape], view.As<byte>());
            return;
        }
        var node = producers[value];
        foreach (var input in node.Input)
            Bring(model, known, input);
        model.Graph.Node.Add(node.Clone());
    }
}
