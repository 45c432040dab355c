using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Segmentation;

/// <summary>
/// Which values a graph's values are made from. A snapshot: build it anew after an edit. Values that depend on no graph input are
/// constants here, however many nodes make them; a segment that reads one contains those nodes.
/// </summary>
public sealed class DataFlow
{
    private readonly OnnxModel model;
    private readonly Dictionary<string, int> producers = new(StringComparer.Ordinal);
    private readonly HashSet<string> dynamic = new(StringComparer.Ordinal);

    /// <summary>Orders and indexes the nodes of the main graph.</summary>
    /// <exception cref="ArgumentException">The graph has a cycle.</exception>
    public DataFlow(OnnxModel model)
    {
        this.model = model;
        Nodes = TopologicalOrder.Of(model.Graph);
        References = [.. Nodes.Select(node => (IReadOnlyList<string>)[.. ValueReferences.Of(node).Distinct(StringComparer.Ordinal)])];
        foreach (var input in model.Graph.Input.Where(input => !model.Weights.ContainsKey(input.Name)))
            dynamic.Add(input.Name);
        for (var position = 0; position < Nodes.Count; position++)
        {
            var node = Nodes[position];
            foreach (var output in node.Output.Where(output => output.Length > 0))
                producers[output] = position;
            if (IsRandom(node) || References[position].Any(dynamic.Contains))
                dynamic.UnionWith(node.Output.Where(output => output.Length > 0));
        }
    }

    /// <summary>The nodes in topological order; among those that may come next, the first of the file.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>What each node of <see cref="Nodes"/> reads, captures of its subgraphs included.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> References { get; }

    /// <summary>Position in <see cref="Nodes"/> of the node that makes a value, or -1.</summary>
    public int Producer(string value) => producers.GetValueOrDefault(value, -1);

    /// <summary>Whether a value depends on a graph input.</summary>
    public bool IsDynamic(string value) => dynamic.Contains(value);

    /// <summary>Whether a value is a tensor, which can wait on disk; sequences and optionals stay where they are made.</summary>
    public bool CanWait(string value) => Producer(value) is var position && (position < 0
        || !(Nodes[position].OpType is "SplitToSequence" or "Optional" || Nodes[position].OpType.StartsWith("Sequence", StringComparison.Ordinal)));

    /// <summary>Positions of the nodes that values need, in order.</summary>
    internal IReadOnlyCollection<int> Ancestors(IEnumerable<string> values)
    {
        var nodes = new SortedSet<int>();
        Walk(values, value => Producer(value) < 0, _ => { }, node => nodes.Add(node));
        return nodes;
    }

    /// <summary>The initializers that a node reads, also through nodes that make constants.</summary>
    internal IReadOnlySet<string> ConstantsOf(int position)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(References[position].Where(value => !IsDynamic(value)));
        while (open.TryPop(out var value))
        {
            if (model.Weights.ContainsKey(value))
                found.Add(value);
            else if (producers.TryGetValue(value, out var producer))
                foreach (var reference in References[producer])
                    open.Push(reference);
        }
        return found;
    }

    /// <summary>The nodes between values at hand and values wanted.</summary>
    /// <param name="isAtHand">Says of a dynamic value whether it need not be computed.</param>
    /// <param name="wanted">Values; those at hand are not among the segment's outputs.</param>
    /// <exception cref="ArgumentException">A value that is needed is neither at hand nor made by a node.</exception>
    public Segment Between(Predicate<string> isAtHand, IEnumerable<string> wanted)
    {
        var outputs = wanted.Where(value => !isAtHand(value)).Distinct(StringComparer.Ordinal).ToList();
        var inputs = new List<string>();
        var nodes = new SortedSet<int>();
        Walk(outputs, isAtHand, inputs.Add, node => nodes.Add(node));
        return new Segment([.. nodes.Select(position => Nodes[position])], inputs, outputs);
    }

    /// <summary>The values at which a walk back from wanted values stops: what must be kept to compute them later.</summary>
    /// <param name="stops">Says of a dynamic value whether it can be kept.</param>
    /// <param name="wanted">Values that are still to be computed.</param>
    public IReadOnlySet<string> Frontier(Predicate<string> stops, IEnumerable<string> wanted)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        Walk(wanted, stops, value => kept.Add(value), _ => { });
        return kept;
    }

    private void Walk(IEnumerable<string> wanted, Predicate<string> stops, Action<string> stop, Action<int> pass)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(wanted);
        while (open.TryPop(out var value))
        {
            if (!seen.Add(value) || model.Weights.ContainsKey(value))
                continue;
            if (dynamic.Contains(value) && stops(value))
            {
                stop(value);
                continue;
            }
            // A name that only a subgraph knows, or a sparse initializer.
            if (!producers.TryGetValue(value, out var position))
            {
                if (dynamic.Contains(value))
                    throw new ArgumentException($"The graph input '{value}' is not at hand.", nameof(stops));
                continue;
            }
            pass(position);
            foreach (var reference in References[position])
                open.Push(reference);
        }
    }

    /// <summary>Drawing again would give other numbers.</summary>
    private static bool IsRandom(NodeProto node) => node.OpType is "RandomNormal" or "RandomUniform";
}
