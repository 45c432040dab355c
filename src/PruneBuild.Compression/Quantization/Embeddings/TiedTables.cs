using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Gives an output projection that reads an embedding through a Transpose a weight of its own, so that both can be quantized, each as
/// its operator stores it. The weight lies on disk until it is.
/// </summary>
public static class TiedTables
{
    private static readonly long[] Swap = [1, 0];

    /// <summary>Unties what is going to be quantized.</summary>
    /// <param name="model">Edited; it computes the same.</param>
    /// <param name="skip">Layers that will stay float: untied, they would take memory twice. Names or globs.</param>
    /// <returns>The tables untied.</returns>
    public static IReadOnlyList<string> Untie(OnnxModel model, IReadOnlyList<string> skip)
    {
        var index = new GraphIndex(model.Graph);
        var untied = new List<string>();
        foreach (var table in EmbeddingTable.Find(model))
        {
            if (model.Weights[table.Name].Elements > int.MaxValue)
                continue;
            foreach (var turn in table.Others.Where(node => Turns(index, node) && !index.Uses(node.Output[0]).Any(use => Stays(use.Node, table.Name, skip))))
            {
                var weight = model.Weights[table.Name];
                var turned = ValueNames.Fresh(model, table.Name + "_transposed");
                model.SetTransposed(turned, [weight.Shape[1], weight.Shape[0]], weight.ReadSingles(), 1, (int)weight.Shape[0], (int)weight.Shape[1]);
                foreach (var use in index.Uses(turn.Output[0]))
                    use.Node.Input[use.InputIndex] = turned;
                model.Graph.Node.Remove(turn);
                untied.Add(table.Name);
            }
        }
        return [.. untied.Distinct()];
    }

    /// <summary>Whether a node is a transposition that only products with activations read.</summary>
    private static bool Turns(GraphIndex index, NodeProto node) =>
        node is { OpType: "Transpose", Domain: "" or "ai.onnx" } && node.GetInts("perm", Swap).SequenceEqual(Swap)
        && !index.IsOutput(node.Output[0]) && index.Uses(node.Output[0]) is { Count: > 0 } uses
        && uses.All(use => use is { InputIndex: 1, Node: { OpType: "MatMul", Domain: "" or "ai.onnx" } });

    private static bool Stays(NodeProto node, string table, IReadOnlyList<string> skip) =>
        skip.Any(glob => LayerNames.Match(glob, node.Name.Length > 0 ? node.Name : node.Output[0], table));
}
