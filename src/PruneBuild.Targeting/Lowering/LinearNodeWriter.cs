using System.Runtime.InteropServices;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>Writes the nodes that replace a <see cref="LinearPattern"/>, and their weights.</summary>
internal sealed class LinearNodeWriter(OnnxModel model) : NodeWriter(model)
{
    /// <summary>Replaces the pattern with <c>prunebuild.SparseMatMul</c>.</summary>
    /// <returns>Bytes of the packed weight.</returns>
    public long WriteSparse(LinearPattern pattern, string format, Func<PackedLayer> pack) =>
        WriteSparse(pattern.Site, "SparseMatMul", format, pack, pattern.BiasName, pattern.Tail, pattern.BiasAdd).Bytes;

    /// <summary>
    /// Replaces the pattern, without its residual and activation, with <c>com.microsoft.DynamicQuantizeMatMul</c>.
    /// </summary>
    /// <returns>Bytes of weight and scales.</returns>
    public long WriteDynamicQuantized(LinearPattern pattern)
    {
        const string domain = "com.microsoft";
        var site = pattern.Site;
        // The operator reads [inputs, outputs], a Gemm with transB holds [outputs, inputs].
        var weight = site.Transposed ? site.StoredName : Make(site, "transposed", name =>
        {
            var transposed = Transpose(site.ReadQuantized(Model).Values, site.Outputs, site.Inputs);
            Model.SetWeight(
                name, TensorProto.Types.DataType.Int8, [site.Inputs, site.Outputs], MemoryMarshal.AsBytes(transposed.AsSpan()));
        });
        var node = Node(site, "DynamicQuantizeMatMul", domain);
        node.Input.Add([site.InputName, weight, site.ScaleName!]);
        if (pattern.BiasName is { } bias)
            node.Input.Add(["", FlatBias(bias, site)]);
        node.Output.Add(pattern.BiasedOutput);
        Replace(site, node, pattern.BiasAdd);
        Import(domain);
        return Model.Weights[weight].Bytes + Model.Weights[site.ScaleName!].Bytes;
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
