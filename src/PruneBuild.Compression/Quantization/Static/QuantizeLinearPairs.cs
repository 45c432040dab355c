using System.Runtime.InteropServices;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Writes a <see cref="StaticPlan"/> into a model: QuantizeLinear and DequantizeLinear around the nodes that run on bytes, which runtimes fuse. Every value
/// keeps its name; the pair comes behind it.
/// </summary>
internal sealed class QuantizeLinearPairs(OnnxModel model, StaticPlan plan, IReadOnlyDictionary<string, ActivationParameters> parameters)
{
    private readonly Dictionary<string, (string Scale, string Zero)> stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto[]> pairs = new(StringComparer.Ordinal);
    private readonly HashSet<string> replacedBiases = new(StringComparer.Ordinal);

    /// <summary>Edits the model.</summary>
    /// <param name="sites">The layers with int8 weights.</param>
    public void Write(IReadOnlyList<WeightSite> sites)
    {
        var nodes = plan.Nodes;
        var sources = plan.Values;
        foreach (var (value, source) in sources)
            pairs[value] = Pair(value, source);
        var inputScales = nodes.ToDictionary<ByteNode, NodeProto, float>(node => node.Node, node => parameters[sources[node.Inputs.First()]].Scale, ReferenceEqualityComparer.Instance);
        var index = new GraphIndex(model.Graph);
        foreach (var node in nodes)
        {
            foreach (var operand in node.Operands)
                node.Node.Input[operand] = Dequantized(node.Node.Input[operand]);
            // What is made of bytes exists as bytes only.
            foreach (var use in node.Result is null ? [] : index.Uses(node.Result))
                use.Node.Input[use.InputIndex] = Dequantized(node.Result!);
        }
        var layers = sites.ToDictionary<WeightSite, NodeProto, WeightSite>(site => site.Node, site => site, ReferenceEqualityComparer.Instance);
        List<NodeProto> order = [.. model.Graph.Input.SelectMany(input => pairs.GetValueOrDefault(input.Name, []))];
        foreach (var node in model.Graph.Node)
        {
            if (layers.TryGetValue(node, out var site) && Bias(site, inputScales[node]) is { } bias)
                order.Add(bias);
            order.Add(node);
            order.AddRange(node.Output.SelectMany(output => pairs.GetValueOrDefault(output, [])));
        }
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(order);
        index = new GraphIndex(model.Graph);
        foreach (var name in replacedBiases.Where(name => index.Uses(name).Count == 0 && !index.IsOutput(name)))
            model.RemoveWeight(name);
    }

    private string Dequantized(string value) => pairs.TryGetValue(value, out var pair) ? pair[1].Output[0] : value;

    private NodeProto[] Pair(string value, string source)
    {
        if (!stored.TryGetValue(source, out var names))
        {
            names = stored[source] = (ValueNames.Fresh(model, source + "_scale"), ValueNames.Fresh(model, source + "_zero_point"));
            model.SetWeight(names.Scale, [], [parameters[source].Scale]);
            model.SetWeight(names.Zero, TensorProto.Types.DataType.Uint8, [], [parameters[source].ZeroPoint]);
        }
        var (bytes, floats) = (ValueNames.Fresh(model, value + "_quantized"), ValueNames.Fresh(model, value + "_dequantized"));
        return
        [
            new NodeProto { OpType = "QuantizeLinear", Name = bytes, Input = { value, names.Scale, names.Zero }, Output = { bytes } },
            new NodeProto { OpType = "DequantizeLinear", Name = floats, Input = { bytes, names.Scale, names.Zero }, Output = { floats } },
        ];
    }

    private NodeProto? Bias(WeightSite site, float inputScale)
    {
        if (site.Kind == SiteKind.MatMul || site.Node.Input.Count < 3 || site.Node.Input[2].Length == 0)
            return null;
        var name = site.Node.Input[2];
        var (values, scales) = QuantizedBias.Quantize(model.Weights[name].ReadSingles(), inputScale, model.Weights[site.ScaleName!].ReadSingles());
        var (integers, steps) = (ValueNames.Fresh(model, site.OutputName + "_bias_quantized"), ValueNames.Fresh(model, site.OutputName + "_bias_scale"));
        model.SetWeight(integers, TensorProto.Types.DataType.Int32, [site.Outputs], MemoryMarshal.AsBytes<int>(values));
        model.SetWeight(steps, [site.Outputs], scales);
        var node = new NodeProto { OpType = "DequantizeLinear", Name = integers, Input = { integers, steps }, Output = { ValueNames.Fresh(model, site.OutputName + "_bias_dequantized") } };
        node.Set("axis", 0);
        site.Node.Input[2] = node.Output[0];
        replacedBiases.Add(name);
        return node;
    }
}
