using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Raises a model's opset to 13, the first whose DequantizeLinear has one scale per output, where that changes no operator's
/// meaning. Operators that do change between 11 and 13: ONNX Changelog, versions 12 and 13.
/// </summary>
internal static class OpsetUpgrade
{
    private const long Needed = 13;
    private const long FirstUpgradable = 11;
    private const long IrVersionOfNeeded = 7;

    private static readonly HashSet<string> Changed = new(StringComparer.Ordinal)
    {
        "Dropout", "Softmax", "LogSoftmax", "Hardmax", "Squeeze", "Unsqueeze", "ReduceSum", "Split",
    };

    /// <summary>Makes DequantizeLinear with an axis usable.</summary>
    /// <exception cref="PruneBuildException">PB3005: the model must be exported again with opset 13 or later.</exception>
    public static void ToPerAxisDequantize(OnnxModel model)
    {
        var import = model.Proto.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx");
        if (import is null)
        {
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Version = Needed });
        }
        else if (import.Version < Needed)
        {
            if (import.Version < FirstUpgradable || model.Proto.Functions.Count > 0)
                throw new PruneBuildException("PB3005", import.Version, "it is too old to upgrade");
            if (FirstChanged(model.Graph) is { } node)
                throw new PruneBuildException("PB3005", import.Version, $"{node.OpType} '{node.Name}' means something else in opset {Needed}");
            import.Version = Needed;
        }
        model.Proto.IrVersion = Math.Max(IrVersionOfNeeded, model.Proto.IrVersion);
    }

    private static NodeProto? FirstChanged(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            if (node.Domain is "" or "ai.onnx" && Changed.Contains(node.OpType))
                return node;
            var inner = node.Attribute.SelectMany(attribute => attribute.Graphs.Append(attribute.G)).Where(inner => inner is not null);
            if (inner.Select(FirstChanged).FirstOrDefault(found => found is not null) is { } changed)
                return changed;
        }
        return null;
    }
}
