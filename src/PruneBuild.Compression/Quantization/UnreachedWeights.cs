using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// The operators with constant weights that quantization leaves alone because they are no <see cref="WeightSite"/>: quantized before the
/// model came here, or not stored as a float matrix that one can replace. Products of two activations have no weight and are not listed.
/// </summary>
public static class UnreachedWeights
{
    /// <summary>Why a weight that already has few bits is left alone.</summary>
    public const string AlreadyQuantized = "the weight is already quantized";

    private static readonly HashSet<string> Quantized = new(StringComparer.Ordinal)
    {
        "MatMulNBits", "MatMulBnb4", "GatherBlockQuantized", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "QAttention", "QGemm", "QEmbedLayerNormalization",
        "MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv",
    };

    /// <summary>Names of operators with the reasons, in node order.</summary>
    public static IReadOnlyList<(string Name, string Reason)> Find(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        var sites = WeightSites.Find(model).Select(site => site.Node).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        return [.. model.Graph.Node.Where(node => !sites.Contains(node)).Select(node => (Name: NameOf(node), Reason: Reason(model, index, node)))
            .Where(found => found.Reason is not null).Select(found => (found.Name, found.Reason!))];
    }

    private static string? Reason(OnnxModel model, GraphIndex index, NodeProto node)
    {
        if (Quantized.Contains(node.OpType))
            return AlreadyQuantized;
        if (node.Domain is not ("" or "ai.onnx") || node.OpType is not ("MatMul" or "Gemm" or "Conv" or "Gather") || node.Input.Count < 2)
            return null;
        var isLookup = node.OpType == "Gather";
        var value = node.Input[isLookup ? 0 : 1];
        if (model.Weights.TryGetValue(value, out var weight))
        {
            return isLookup ? null
                : weight.Type != TensorProto.Types.DataType.Float ? $"the weight is {weight.Type}, not Float"
                : "the weight is no matrix that the operator multiplies its last axis with";
        }
        if (Origin(model, index, value, []) is not { } origin || (isLookup && origin.OpType != "DequantizeLinear"))
            return null;
        return origin.OpType == "DequantizeLinear" ? AlreadyQuantized : $"the weight is no initializer: {origin.OpType} '{NameOf(origin)}' makes it";
    }

    /// <summary>Of a value that no input of the model decides, the DequantizeLinear it comes from, or else the node that makes it.</summary>
    private static NodeProto? Origin(OnnxModel model, GraphIndex index, string value, HashSet<string> seen)
    {
        if (index.Producer(value) is not { } node || !seen.Add(value))
            return null;
        NodeProto? dequantize = node.OpType == "DequantizeLinear" ? node : null;
        foreach (var input in node.Input.Where(input => input.Length > 0 && !model.Weights.ContainsKey(input)))
        {
            if (Origin(model, index, input, seen) is not { } found)
                return null;
            if (found.OpType == "DequantizeLinear")
                dequantize ??= found;
        }
        return dequantize ?? node;
    }

    private static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? "";
}
