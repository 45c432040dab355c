using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Segmentation;

/// <summary>The values that a node reads.</summary>
internal static class ValueReferences
{
    /// <summary>
    /// Its inputs and every name that its subgraphs mention. Names that a subgraph makes itself are among them; no value outside
    /// has such a name (ONNX IR: names are unique across a graph and its subgraphs).
    /// </summary>
    public static IEnumerable<string> Of(NodeProto node)
    {
        foreach (var input in node.Input.Where(input => input.Length > 0))
            yield return input;
        foreach (var graph in node.Attribute.SelectMany(attribute => attribute.Graphs.Append(attribute.G)).Where(graph => graph is not null))
        {
            foreach (var name in graph.Node.SelectMany(Of).Concat(graph.Output.Select(output => output.Name)))
                yield return name;
        }
    }
}
