using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Segmentation;

/// <summary>Orders nodes so that each comes after those it reads from (Kahn 1962).</summary>
internal static class TopologicalOrder
{
    /// <summary>The order; among nodes that may come next, the first of the file.</summary>
    /// <exception cref="ArgumentException">The graph has a cycle.</exception>
    public static IReadOnlyList<NodeProto> Of(GraphProto graph)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < graph.Node.Count; index++)
            foreach (var output in graph.Node[index].Output.Where(output => output.Length > 0))
                producers[output] = index;
        var readers = new List<int>[graph.Node.Count];
        var waits = new int[graph.Node.Count];
        for (var index = 0; index < graph.Node.Count; index++)
        {
            foreach (var value in ValueReferences.Of(graph.Node[index]).Distinct(StringComparer.Ordinal))
            {
                if (!producers.TryGetValue(value, out var producer))
                    continue;
                (readers[producer] ??= []).Add(index);
                waits[index]++;
            }
        }
        var ready = new PriorityQueue<int, int>(Enumerable.Range(0, waits.Length).Where(index => waits[index] == 0).Select(index => (index, index)));
        var order = new List<NodeProto>(waits.Length);
        while (ready.TryDequeue(out var index, out _))
        {
            order.Add(graph.Node[index]);
            foreach (var reader in readers[index] ?? [])
                if (--waits[reader] == 0)
                    ready.Enqueue(reader, reader);
        }
        return order.Count == waits.Length ? order : throw new ArgumentException($"The graph '{graph.Name}' has a cycle.", nameof(graph));
    }
}
