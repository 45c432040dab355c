using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>What writers of replacement nodes share: weights made of other weights, and putting the node in its place.</summary>
internal abstract class NodeWriter(OnnxModel model)
{
    private const string SparseDomain = "prunebuild";

    // Layers that share a weight share what is made of it.
    private readonly Dictionary<(string Source, string? Scale, bool Transposed, string Made), string> made = [];

    protected OnnxModel Model => model;

    /// <summary>A node of the sparse operators for a site, with its packed weight, bias and tail, that replaces the site and <paramref name="fused"/>.</summary>
    /// <returns>The node, and bytes of the packed weight.</returns>
    protected (NodeProto Node, long Bytes) WriteSparse(WeightSite site, string op, string format, Func<PackedLayer> pack, string? bias, FusedTail tail, params NodeProto?[] fused)
    {
        var packed = Make(site, format, name =>
        {
            var layer = pack();
            model.SetWeight(name, TensorProto.Types.DataType.Uint8, [layer.Bytes.Length], layer.Bytes);
            if (layer.BiasShift is { } shift)
                bias = site.AddShiftedBias(model, bias, shift);
        });
        var node = Node(site, op, SparseDomain);
        node.Input.Add([site.InputName, packed]);
        if (bias is not null || tail.Residual is not null)
            node.Input.Add(bias is null ? "" : FlatBias(bias, site));
        if (tail.Residual is not null)
            node.Input.Add(tail.Residual);
        node.Output.Add(tail.Output);
        node.Set("K", site.Inputs);
        node.Set("N", site.Outputs);
        node.Set("format", format);
        node.Set("activation", tail.Activation.AttributeName());
        Replace(site, node, [.. fused, .. tail.Nodes]);
        Import(SparseDomain);
        return (node, model.Weights[packed].Bytes);
    }

    protected static NodeProto Node(WeightSite site, string op, string domain) => new() { Name = site.Node.Name, OpType = op, Domain = domain };

    /// <summary>
    /// Puts a node where the last of the nodes it replaces stood: behind whatever makes its inputs, a residual among them, and
    /// before whoever reads its output.
    /// </summary>
    protected void Replace(WeightSite site, NodeProto node, params NodeProto?[] fused)
    {
        var nodes = model.Graph.Node;
        NodeProto[] old = [site.Node, .. fused.OfType<NodeProto>()];
        nodes[old.Max(nodes.IndexOf)] = node;
        foreach (var replaced in old)
            nodes.Remove(replaced);
    }

    protected string FlatBias(string bias, WeightSite site)
    {
        var tensor = model.Weights[bias];
        if (tensor.Shape.Count == 1)
            return bias;
        return Make((bias, null, false, "flat"), name => model.SetWeight(name, [site.Outputs], tensor.ReadSingles()));
    }

    protected string Make(WeightSite site, string what, Action<string> write) =>
        Make((site.StoredName, site.ScaleName, site.Transposed, what), write);

    protected void Import(string domain)
    {
        if (model.Proto.OpsetImport.All(import => import.Domain != domain))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
    }

    private string Make((string Source, string? Scale, bool Transposed, string Made) key, Action<string> write)
    {
        if (made.TryGetValue(key, out var known))
            return known;
        var name = $"{key.Source}.{key.Made}";
        for (var i = 2; model.Weights.ContainsKey(name); i++)
            name = $"{key.Source}.{key.Made}.{i}";
        write(name);
        return made[key] = name;
    }
}
