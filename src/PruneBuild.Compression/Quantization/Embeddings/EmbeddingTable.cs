using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>A float matrix whose rows are looked up by inputs of the model.</summary>
/// <param name="Name">The initializer, [rows, features].</param>
/// <param name="Lookups">The Gather nodes, in node order.</param>
/// <param name="Others">Other nodes that read it.</param>
internal sealed record EmbeddingTable(string Name, IReadOnlyList<NodeProto> Lookups, IReadOnlyList<NodeProto> Others)
{
    private static readonly HashSet<string> Moves = new(StringComparer.Ordinal)
    {
        "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Tile", "Expand", "Identity", "Cast", "Concat", "Slice",
    };

    /// <summary>The tables of a model in the order of their first lookup.</summary>
    public static IReadOnlyList<EmbeddingTable> Find(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        return [.. model.Graph.Node.Where(node => IsLookup(model, index, node)).GroupBy(node => node.Input[0]).Select(lookups => new EmbeddingTable(
            lookups.Key, [.. lookups],
            [.. index.Uses(lookups.Key).Where(use => use.InputIndex != 0 || !lookups.Contains(use.Node)).Select(use => use.Node)]))];
    }

    private static bool IsLookup(OnnxModel model, GraphIndex index, NodeProto node) =>
        node is { OpType: "Gather", Domain: "" or "ai.onnx" } && node.GetInt("axis", 0) == 0
        && model.Weights.TryGetValue(node.Input[0], out var table) && table.Type == TensorProto.Types.DataType.Float && table.Shape is [> 0, > 0]
        && !model.Weights.ContainsKey(node.Input[1]) && index.Producer(node.Input[1])?.OpType != "Constant"
        && !AreFactors(model, index, node.Output[0]);

    /// <summary>Whether rows only multiply activations, as the cosines of a rotary embedding do: they are no features.</summary>
    private static bool AreFactors(OnnxModel model, GraphIndex index, string value)
    {
        var uses = index.Uses(value);
        return uses.Count > 0 && !index.IsOutput(value) && uses.All(use => use.InputIndex >= 0
            && ((use.Node.OpType == "Mul" && use.Node.Input.All(input => !model.Weights.ContainsKey(input) && index.Producer(input)?.OpType != "Constant"))
                || (Moves.Contains(use.Node.OpType) && AreFactors(model, index, use.Node.Output[0]))));
    }
}
