using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Who makes and who uses each value of a graph, uses inside subgraphs included. A snapshot: build it anew after an edit.</summary>
public sealed class GraphIndex
{
    private readonly Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ValueUse>> uses = new(StringComparer.Ordinal);
    private readonly HashSet<string> outputs;

    /// <summary>Indexes the nodes of a graph.</summary>
    public GraphIndex(GraphProto graph)
    {
        outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output.Where(output => output.Length > 0))
                producers[output] = node;
            Add(node, node);
        }
    }

    /// <summary>The node that makes a value, or null for inputs and initializers.</summary>
    public NodeProto? Producer(string value) => producers.GetValueOrDefault(value);

    /// <summary>The uses of a value in node order; a use inside a subgraph counts for the node that holds it, with input index -1.</summary>
    public IReadOnlyList<ValueUse> Uses(string value) => uses.TryGetValue(value, out var found) ? found : [];

    /// <summary>Whether the value is an output of the graph.</summary>
    public bool IsOutput(string value) => outputs.Contains(value);

    /// <summary>The one node that uses a value, or null when there are none, several, or the graph returns it.</summary>
    public NodeProto? OnlyConsumer(string value) =>
        Uses(value) is [{ InputIndex: >= 0 } use] && !IsOutput(value) ? use.Node : null;

    private void Add(NodeProto node, NodeProto holder)
    {
        for (var i = 0; i < node.Input.Count; i++)
            if (node.Input[i].Length > 0)
                Add(node.Input[i], new ValueUse(holder, ReferenceEquals(node, holder) ? i : -1));
        foreach (var graph in node.Attribute.SelectMany(attribute => attribute.Graphs.Append(attribute.G)).Where(graph => graph is not null))
        {
            foreach (var inner in graph.Node)
                Add(inner, holder);
            // A subgraph may return an outer value as it is.
            foreach (var output in graph.Output)
                Add(output.Name, new ValueUse(holder, -1));
        }
    }

    private void Add(string value, ValueUse use)
    {
        if (!uses.TryGetValue(value, out var list))
            uses[value] = list = [];
        list.Add(use);
    }
}

/// <summary>One use of a value.</summary>
/// <param name="Node">The node of the main graph.</param>
/// <param name="InputIndex">Which of its inputs, or -1 when a subgraph of it captures the value.</param>
public readonly record struct ValueUse(NodeProto Node, int InputIndex);
