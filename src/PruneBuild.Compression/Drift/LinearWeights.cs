using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Drift;

/// <summary>The weights of a model's linear layers however they are stored, by the value a layer makes.</summary>
internal sealed class LinearWeights(OnnxModel model)
{
    private readonly GraphIndex index = new(model.Graph);
    private readonly Dictionary<string, WeightSite> sites = WeightSites.Find(model).ToDictionary(site => site.OutputName, StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> groups = model.Graph.Node.Where(GroupPacking.IsPacked).ToDictionary(node => node.Output[0], StringComparer.Ordinal);

    /// <summary>A weight as float, [outputs, inputs] row-major.</summary>
    public sealed record Matrix(int Outputs, int Inputs, float[] Values);

    /// <summary>The weight of the layer that makes a value, or null.</summary>
    public Matrix? Read(string output)
    {
        // Recovery gives a layer a bias that it did not have, and the sum has the name of the product.
        var product = !sites.ContainsKey(output) && !groups.ContainsKey(output) && index.Producer(output) is { OpType: "Add", Input.Count: 2 } add
            && add.Input.Where(input => !model.Weights.ContainsKey(input)).ToList() is [var summand] ? summand : output;
        return sites.TryGetValue(product, out var site) ? new Matrix(site.Outputs, site.Inputs, site.ReadMatrix(model))
            : groups.TryGetValue(product, out var node) ? new Matrix((int)node.GetInt("N", 0), (int)node.GetInt("K", 0), GroupPacking.Unpack(model, node))
            : null;
    }
}
