using System.Runtime.InteropServices;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>Writes the nodes that replace a <see cref="LinearPattern"/>, and their weights.</summary>
internal sealed class LinearNodeWriter(OnnxModel model)
{
    private const string SparseDomain = "prunebuild";

    // Layers that share a weight share what is made of it.
    private readonly Dictionary<(string Source, string? Scale, bool Transposed, string Made), string> made = [];

    /// <summary>Replaces the pattern with <c>prunebuild.SparseMatMul</c>.</summary>
    /// <returns>Bytes of the packed weight.</returns>
    public long WriteSparse(LinearPattern pattern, string format, Func<byte[]> pack)
    {
        var site = pattern.Site;
        var packed = Make(site, format, name =>
        {
            var bytes = pack();
            model.SetWeight(name, TensorProto.Types.DataType.Uint8, [bytes.Length], bytes);
        });
        var node = Node(pattern, "SparseMatMul", SparseDomain);
        node.Input.Add([site.InputName, packed]);
        if (pattern.BiasName is { } bias)
            node.Input.Add(FlatBias(bias, site));
        node.Output.Add(pattern.Output);
        node.Set("K", site.Inputs);
        node.Set("N", site.Outputs);
        node.Set("format", format);
        node.Set("activation", pattern.Relu is null ? "none" : "relu");
        Replace(pattern, node, pattern.BiasAdd, pattern.Relu);
        Import(SparseDomain);
        return model.Weights[packed].Bytes;
    }

    /// <summary>
    /// Replaces the pattern, without its Relu, with <c>com.microsoft.DynamicQuantizeMatMul</c>.
    /// </summary>
    /// <returns>Bytes of weight and scales.</returns>
    public long WriteDynamicQuantized(LinearPattern pattern)
    {
        const string domain = "com.microsoft";
        var site = pattern.Site;
        // The operator reads [inputs, outputs], a Gemm with transB holds [outputs, inputs].
        var weight = site.Transposed ? site.StoredName : Make(site, "transposed", name =>
        {
            var transposed = Transpose(site.ReadQuantized(model).Values, site.Outputs, site.Inputs);
            model.SetWeight(
                name, TensorProto.Types.DataType.Int8, [site.Inputs, site.Outputs], MemoryMarshal.AsBytes(transposed.AsSpan()));
        });
        var node = Node(pattern, "DynamicQuantizeMatMul", domain);
        node.Input.Add([site.InputName, weight, site.ScaleName!]);
        if (pattern.BiasName is { } bias)
            node.Input.Add(["", FlatBias(bias, site)]);
        node.Output.Add(pattern.BiasedOutput);
        Replace(pattern, node, pattern.BiasAdd);
        Import(domain);
        return model.Weights[weight].Bytes + model.Weights[site.ScaleName!].Bytes;
    }

    private static NodeProto Node(LinearPattern pattern, string op, string domain) =>
        new() { Name = pattern.Site.Node.Name, OpType = op, Domain = domain };

    private void Replace(LinearPattern pattern, NodeProto node, params NodeProto?[] fused)
    {
        // All inputs but the first are constants, so the new node may stand where the linear operator stood.
        model.Graph.Node[model.Graph.Node.IndexOf(pattern.Site.Node)] = node;
        foreach (var old in fused)
            if (old is not null)
                model.Graph.Node.Remove(old);
    }

    private string FlatBias(string bias, WeightSite site)
    {
        var tensor = model.Weights[bias];
        if (tensor.Shape.Count == 1)
            return bias;
        return Make((bias, null, false, "flat"), name => model.SetWeight(name, [site.Outputs], tensor.ReadSingles()));
    }

    private string Make(WeightSite site, string what, Action<string> write) =>
        Make((site.StoredName, site.ScaleName, site.Transposed, what), write);

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

    private void Import(string domain)
    {
        if (model.Proto.OpsetImport.All(import => import.Domain != domain))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
    }

    private static sbyte[] Transpose(sbyte[] source, int rows, int columns)
    {
        var result = new sbyte[source.Length];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                result[column * rows + row] = source[row * columns + column];
        return result;
    }
}
