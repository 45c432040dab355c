using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Names of new values and nodes.</summary>
public static class ValueNames
{
    /// <summary>The wanted name, or the first of <c>name_1</c>, <c>name_2</c>... that nothing in the model uses.</summary>
    public static string Fresh(OnnxModel model, string wanted)
    {
        var taken = new HashSet<string>(model.Weights.Keys, StringComparer.Ordinal);
        taken.UnionWith(model.Graph.Input.Select(input => input.Name));
        Add(taken, model.Graph);
        var name = wanted;
        for (var number = 1; taken.Contains(name); number++)
            name = $"{wanted}_{number}";
        return name;
    }

    // Names inside subgraphs hide outer ones, so they are taken too.
    private static void Add(HashSet<string> taken, GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            taken.Add(node.Name);
            taken.UnionWith(node.Input);
            taken.UnionWith(node.Output);
            foreach (var inner in node.Attribute.SelectMany(attribute => attribute.Graphs.Append(attribute.G)).Where(inner => inner is not null))
            {
                taken.UnionWith(inner.Initializer.Select(tensor => tensor.Name));
                taken.UnionWith(inner.Input.Select(input => input.Name));
                Add(taken, inner);
            }
        }
    }
}
