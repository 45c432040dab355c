using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Finds the operators whose constant weight can be pruned and quantized.</summary>
public static class WeightSites
{
    /// <summary>The MatMul, Gemm and Conv nodes of the main graph with a constant float or int8 weight, in node order; Gemm only with transA = 0.</summary>
    public static IReadOnlyList<WeightSite> Find(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        return [.. model.Graph.Node.Select(node => Site(model, index, node)).OfType<WeightSite>()];
    }

    private static WeightSite? Site(OnnxModel model, GraphIndex index, NodeProto node)
    {
        if (node.Domain is not ("" or "ai.onnx") || node.Input.Count < 2)
            return null;
        SiteKind? kind = node.OpType switch
        {
            "MatMul" => SiteKind.MatMul,
            "Gemm" => SiteKind.Gemm,
            "Conv" => SiteKind.Conv,
            _ => null,
        };
        if (kind is null || Storage(model, index, node.Input[1]) is not { } stored)
            return null;
        var shape = model.Weights[stored.Name].Shape;
        if (Layout(kind.Value, node, shape) is not { } layout || layout.Outputs * layout.Inputs is 0 or > int.MaxValue)
            return null;
        if (stored.Scale is not null && !ScalesRows(model, index.Producer(node.Input[1])!, stored.Scale, layout, shape))
            return null;
        return new WeightSite
        {
            Node = node,
            Name = node.Name.Length > 0 ? node.Name : node.Output[0],
            Kind = kind.Value,
            WeightName = node.Input[1],
            StoredName = stored.Name,
            ScaleName = stored.Scale,
            Storage = stored.Scale is null ? WeightStorage.FullPrecision : WeightStorage.Int8PerOutput,
            Outputs = (int)layout.Outputs,
            Inputs = (int)layout.Inputs,
            Channels = (int)(kind == SiteKind.Conv ? shape[1] : layout.Inputs),
            KernelShape = kind == SiteKind.Conv ? [.. shape.Skip(2).Select(size => (int)size)] : [],
            Groups = (int)(kind == SiteKind.Conv ? node.GetInt("group", 1) : 1),
            Transposed = layout.Transposed,
        };
    }

    private static (string Name, string? Scale)? Storage(OnnxModel model, GraphIndex index, string value)
    {
        if (model.Weights.TryGetValue(value, out var weight))
            return weight.Type == TensorProto.Types.DataType.Float ? (value, null) : null;
        return index.Producer(value) is { OpType: "DequantizeLinear" } dequantize
            && model.Weights.TryGetValue(dequantize.Input[0], out var quantized)
            && quantized.Type == TensorProto.Types.DataType.Int8
            && model.Weights.TryGetValue(dequantize.Input[1], out var scale)
            && scale.Type == TensorProto.Types.DataType.Float
            && dequantize.Input.Count == 2
                ? (dequantize.Input[0], dequantize.Input[1])
                : null;
    }

    private static (long Outputs, long Inputs, bool Transposed)? Layout(SiteKind kind, NodeProto node, IReadOnlyList<long> shape) => kind switch
    {
        SiteKind.MatMul when shape.Count >= 2 && shape.SkipLast(2).All(dimension => dimension == 1) => (shape[^1], shape[^2], true),
        // With transA the features of the activation lie in its rows, where no statistic looks for them.
        SiteKind.Gemm when node.GetInt("transA", 0) != 0 => null,
        SiteKind.Gemm when shape.Count == 2 && node.GetInt("transB", 0) != 0 => (shape[0], shape[1], false),
        SiteKind.Gemm when shape.Count == 2 => (shape[1], shape[0], true),
        SiteKind.Conv when shape.Count >= 3 => (shape[0], shape.Skip(1).Aggregate(1L, (product, dimension) => product * dimension), false),
        _ => null,
    };

    /// <summary>Whether a DequantizeLinear has one scale per output of the site.</summary>
    private static bool ScalesRows(
        OnnxModel model, NodeProto dequantize, string scale, (long Outputs, long Inputs, bool Transposed) layout, IReadOnlyList<long> shape)
    {
        var axis = dequantize.GetInt("axis", 1);
        axis = axis < 0 ? axis + shape.Count : axis;
        return axis == (layout.Transposed ? shape.Count - 1 : 0)
            && dequantize.GetInt("block_size", 0) == 0
            && model.Weights[scale].Elements == layout.Outputs;
    }
}
