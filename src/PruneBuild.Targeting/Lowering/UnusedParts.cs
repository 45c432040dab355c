using PruneBuild.Graph;

namespace PruneBuild.Targeting;

/// <summary>Drops what nothing reads any more: dequantization of replaced weights, initializers, declared shapes of lost values.</summary>
internal static class UnusedParts
{
    public static void Remove(OnnxModel model)
    {
        var graph = model.Graph;
        var index = new GraphIndex(graph);
        foreach (var node in graph.Node.Where(node => node.OpType == "DequantizeLinear" && IsUnused(index, node.Output[0])).ToList())
            graph.Node.Remove(node);
        index = new GraphIndex(graph);
        foreach (var name in model.Weights.Keys.Where(name => IsUnused(index, name)).ToList())
        {
            model.RemoveWeight(name);
            // Models of IR version 3 list initializers as inputs too; without its value the input would become required.
            foreach (var input in graph.Input.Where(input => input.Name == name).ToList())
                graph.Input.Remove(input);
        }

        foreach (var value in graph.ValueInfo.Where(value => index.Producer(value.Name) is null && IsUnused(index, value.Name)).ToList())
            graph.ValueInfo.Remove(value);
    }

    private static bool IsUnused(GraphIndex index, string value) => index.Uses(value).Count == 0 && !index.IsOutput(value);
}
