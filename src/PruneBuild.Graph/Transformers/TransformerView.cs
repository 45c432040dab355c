using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>Finds the parts of a transformer in a graph of plain operators, or with fused attention, by what they do and not by name.</summary>
public static class TransformerView
{
    /// <summary>The attention blocks, in node order.</summary>
    public static IReadOnlyList<AttentionBlock> Attention(OnnxModel model) => Attention(model, DimensionClosure.Analyze(model));

    /// <summary>The attention blocks among classes of the model.</summary>
    internal static IReadOnlyList<AttentionBlock> Attention(OnnxModel model, IReadOnlyList<DimensionClass> classes)
    {
        var index = new GraphIndex(model.Graph);
        return [.. classes.Select(found => Attention(model, index, found)).OfType<AttentionBlock>()];
    }

    /// <summary>The gated feed-forwards, in node order.</summary>
    public static IReadOnlyList<GatedFeedForward> GatedFeedForwards(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        return [.. DimensionClosure.Analyze(model).Select(found => Gated(index, found)).OfType<GatedFeedForward>()];
    }

    /// <summary>
    /// The residual blocks that can be left out, in node order: Adds of two activations of which one is computed from the other, and
    /// nothing else reads what lies between, except for outputs of the key-value cache.
    /// </summary>
    public static IReadOnlyList<ResidualBlock> ResidualBlocks(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        var order = new Dictionary<NodeProto, int>(ReferenceEqualityComparer.Instance);
        foreach (var node in model.Graph.Node)
            order[node] = order.Count;
        var blocks = new List<ResidualBlock>();
        foreach (var add in model.Graph.Node.Where(node => node.OpType == "Add" && node.Input.Count == 2 && node.Input.All(input => !model.Weights.ContainsKey(input))))
        {
            for (var side = 0; side < 2; side++)
            {
                var (input, inner) = (add.Input[side], add.Input[1 - side]);
                if (Between(index, input, inner) is not { } body || body.Count == 0)
                    continue;
                if (Encloses(index, body, add))
                    blocks.Add(new ResidualBlock(input, add.Output[0], add, [.. body.OrderBy(node => order[node])]));
                break;
            }
        }
        return blocks;
    }

    /// <summary>
    /// Whether all that is made in a body ends in an Add or in outputs of the key-value cache; nodes on the way to those join the body.
    /// </summary>
    private static bool Encloses(GraphIndex index, HashSet<NodeProto> body, NodeProto add)
    {
        var open = new Stack<string>(body.SelectMany(node => node.Output).Where(value => value.Length > 0));
        while (open.TryPop(out var value))
        {
            if (index.IsOutput(value) && !KeyValueCache.IsPresent(value))
                return false;
            foreach (var use in index.Uses(value).Where(use => !ReferenceEquals(use.Node, add) && body.Add(use.Node)))
                foreach (var output in use.Node.Output.Where(output => output.Length > 0))
                    open.Push(output);
        }
        return true;
    }

    private static AttentionBlock? Attention(OnnxModel model, GraphIndex index, DimensionClass found)
    {
        if (found.FrozenReason is not null || !found.InActivationProduct || found.Producers.Count != 3 || found.Consumers is not [var output])
            return null;
        var reader = Member(found, output);
        var size = found.Producers.Min(node => Member(found, node)?.Inner ?? 0);
        // Units of an inner factor are widths of heads, or heads within a group; whole groups are the outermost one.
        if (reader is not { Outer: 1 } || size <= 1 || found.Producers.Any(node => Member(found, node) is not { Outer: 1 }))
            return null;
        if (Scores(model, index, found, output.Input[0]) is not var (queries, keys, values)
            || Maker(index, values, found.Producers) is not { } value || Maker(index, queries, found.Producers) is not { } query
            || Maker(index, keys, found.Producers) is not { } key)
        {
            return null;
        }
        var headSize = Member(found, value)!.Inner;
        return new AttentionBlock(query, key, value, output, found.Size * reader.Inner / headSize, found.Size, headSize, found);
    }

    /// <summary>The values that hold queries, keys and values of the attention that makes a value; null when none does.</summary>
    private static (string Query, string Key, string Value)? Scores(OnnxModel model, GraphIndex index, DimensionClass found, string result)
    {
        if (Ancestors(index, result, found.Producers).FirstOrDefault(node => node.OpType == "GroupQueryAttention") is { } fused)
            return (fused.Input[0], fused.Input[1], fused.Input[2]);
        var product = Ancestors(index, result, found.Producers)
            .FirstOrDefault(node => node.OpType == "MatMul" && node.Input.All(input => !model.Weights.ContainsKey(input)) && Reaches(index, node.Input[0], "Softmax", found.Producers));
        if (product is null)
            return null;
        var scores = Ancestors(index, product.Input[0], found.Producers).FirstOrDefault(node => node.OpType == "MatMul" && node.Input.All(input => !model.Weights.ContainsKey(input)));
        return scores is null ? null : (scores.Input[0], scores.Input[1], product.Input[1]);
    }

    private static GatedFeedForward? Gated(GraphIndex index, DimensionClass found)
    {
        if (found.FrozenReason is not null || found.InActivationProduct || found.Producers.Count != 2 || found.Consumers is not [var down])
            return null;
        var product = index.Producer(down.Input[0]);
        if (product is not { OpType: "Mul" })
            return null;
        // The branch that is more than its projection holds the activation.
        var sides = product.Input.Select(input => (Maker: Maker(index, input, found.Producers), Direct: index.Producer(input))).ToList();
        var up = sides.FirstOrDefault(side => side.Maker is not null && ReferenceEquals(side.Maker, side.Direct)).Maker;
        var gate = sides.FirstOrDefault(side => side.Maker is not null && !ReferenceEquals(side.Maker, side.Direct)).Maker;
        return up is null || gate is null || ReferenceEquals(up, gate) ? null : new GatedFeedForward(gate, up, down, found);
    }

    private static DimensionMember? Member(DimensionClass found, NodeProto node) => found.Members.FirstOrDefault(member => node.Input.Contains(member.Tensor));

    /// <summary>The first of some nodes that a value comes from.</summary>
    private static NodeProto? Maker(GraphIndex index, string value, IReadOnlyList<NodeProto> makers) =>
        Ancestors(index, value, makers).FirstOrDefault(node => makers.Contains(node, ReferenceEqualityComparer.Instance));

    private static bool Reaches(GraphIndex index, string value, string operatorType, IReadOnlyList<NodeProto> ends) =>
        Ancestors(index, value, ends).Any(node => node.OpType == operatorType);

    /// <summary>The nodes a value is computed from, nearest first, not beyond the ends.</summary>
    private static IEnumerable<NodeProto> Ancestors(GraphIndex index, string value, IReadOnlyList<NodeProto> ends)
    {
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var queue = new Queue<string>([value]);
        while (queue.TryDequeue(out var next))
        {
            if (index.Producer(next) is not { } node || !seen.Add(node))
                continue;
            yield return node;
            if (ends.Contains(node, ReferenceEqualityComparer.Instance))
                continue;
            foreach (var input in node.Input)
                queue.Enqueue(input);
        }
    }

    /// <summary>The nodes on the way from one value to another, or null when the second is not computed from the first.</summary>
    private static HashSet<NodeProto>? Between(GraphIndex index, string from, string to)
    {
        var after = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var queue = new Queue<string>([from]);
        while (queue.TryDequeue(out var value))
            foreach (var use in index.Uses(value).Where(use => after.Add(use.Node)))
                foreach (var output in use.Node.Output)
                    queue.Enqueue(output);
        if (index.Producer(to) is not { } last || !after.Contains(last))
            return null;
        var body = Ancestors(index, to, []).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        body.IntersectWith(after);
        return body;
    }
}
