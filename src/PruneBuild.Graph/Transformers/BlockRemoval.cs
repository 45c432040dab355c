using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>Leaves residual blocks out: y = x + f(x) becomes x.</summary>
public static class BlockRemoval
{
    /// <summary>Removes blocks and numbers the layers of the key-value cache anew.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="outputs">The blocks' output values; of blocks that are not there, or went with another, nothing is done.</param>
    /// <returns>The outputs of the blocks that were removed.</returns>
    public static IReadOnlyList<string> RemoveAll(OnnxModel model, IEnumerable<string> outputs)
    {
        var removed = new List<string>();
        foreach (var output in outputs)
        {
            if (TransformerView.ResidualBlocks(model).FirstOrDefault(block => block.Output == output) is not { } found)
                continue;
            Remove(model, found);
            removed.Add(output);
        }
        KeyValueCache.Renumber(model);
        return removed;
    }

    /// <summary>
    /// Removes a block, what was made only for it, and its part of the key-value cache: outputs that it made, inputs that only it
    /// read. Where the rest of the graph asks such an input for its shape, another layer's answers. The other layers of the cache
    /// keep their names; see <see cref="KeyValueCache.Renumber"/>.
    /// </summary>
    /// <param name="model">Edited.</param>
    /// <param name="block">From <see cref="TransformerView.ResidualBlocks"/> of the model; other blocks of the list stay valid.</param>
    public static void Remove(OnnxModel model, ResidualBlock block)
    {
        // The Add stays as the block's output under its old name, so that graph outputs and other blocks' names hold.
        var input = block.Add.Input.First(value => !block.Body.Any(node => node.Output.Contains(value)));
        block.Add.OpType = "Identity";
        block.Add.Input.Clear();
        block.Add.Input.Add(input);
        var made = block.Body.SelectMany(node => node.Output).ToHashSet(StringComparer.Ordinal);
        foreach (var output in model.Graph.Output.Where(output => made.Contains(output.Name)).ToList())
            model.Graph.Output.Remove(output);
        var read = RemoveNodes(model.Graph, block.Body);
        foreach (var past in read.Where(KeyValueCache.IsPast))
            RemovePast(model, past);
        var index = new GraphIndex(model.Graph);
        foreach (var name in model.Weights.Keys.Where(name => IsUnused(index, name)).ToList())
        {
            model.RemoveWeight(name);
            RemoveInput(model, name);
        }
        foreach (var info in model.Graph.ValueInfo.Where(info => index.Producer(info.Name) is null && IsUnused(index, info.Name)).ToList())
            model.Graph.ValueInfo.Remove(info);
    }

    /// <summary>Removes nodes and those before them that nothing else uses.</summary>
    /// <returns>What the removed nodes read.</returns>
    private static HashSet<string> RemoveNodes(GraphProto graph, IEnumerable<NodeProto> nodes)
    {
        var read = new HashSet<string>(StringComparer.Ordinal);
        var open = nodes.ToList();
        while (open.Count > 0)
        {
            var inputs = open.SelectMany(node => node.Input).Where(value => value.Length > 0).ToHashSet(StringComparer.Ordinal);
            foreach (var node in open)
                graph.Node.Remove(node);
            read.UnionWith(inputs);
            var index = new GraphIndex(graph);
            open = [.. inputs.Select(index.Producer).OfType<NodeProto>().Distinct().Where(node => node.Output.All(output => output.Length == 0 || IsUnused(index, output)))];
        }
        return read;
    }

    private static void RemovePast(OnnxModel model, string past)
    {
        var uses = new GraphIndex(model.Graph).Uses(past);
        if (uses.Count > 0)
        {
            if (uses.Any(use => use is not { InputIndex: 0, Node.OpType: "Shape" }) || KeyValueCache.Other(model, past) is not { } other)
                return;
            foreach (var use in uses)
                use.Node.Input[0] = other;
        }
        RemoveInput(model, past);
    }

    private static void RemoveInput(OnnxModel model, string name)
    {
        foreach (var input in model.Graph.Input.Where(input => input.Name == name).ToList())
            model.Graph.Input.Remove(input);
    }

    private static bool IsUnused(GraphIndex index, string value) => index.Uses(value).Count == 0 && !index.IsOutput(value);
}
