using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Graph.Scales;

/// <summary>
/// The way from a value projection to the output projection of its attention block. Attention mixes tokens, not features, so any
/// invertible map of a head's values can be undone by the output projection (Ashkboos et al. 2024, "QuaRot").
/// </summary>
/// <param name="Block">The block.</param>
/// <param name="Biases">Constant vectors added to the values before attention, [groups × head size], with the nodes that add them.</param>
/// <param name="Reason">Why the values must stay as they are, or null.</param>
public sealed record ValuePath(AttentionBlock Block, IReadOnlyList<(NodeProto Node, string Tensor)> Biases, string? Reason)
{
    private static readonly HashSet<string> Moves = new(StringComparer.Ordinal) { "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Tile", "Expand", "Identity" };

    /// <summary>The paths of all attention blocks, in node order.</summary>
    public static IReadOnlyList<ValuePath> Find(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        return [.. TransformerView.Attention(model).Select(block => Follow(model, index, block))];
    }

    /// <summary>The features as a group with one unit for each feature of each key-value head: unit g × head size + j.</summary>
    public ScaleGroup Group()
    {
        var (groups, size, heads) = (Block.KeyValueGroups, Block.HeadSize, Block.Heads / Block.KeyValueGroups);
        DimensionMember Member(string tensor, int axis, Func<int, int[]> places) => new(
            tensor, axis, 1, 1, groups * size * places(0).Length, 0, places(0).Length, [.. Enumerable.Range(0, groups * size).Select(places)]);
        var gemm = Block.Value.OpType == "Gemm" && Block.Value.GetInt("transB", 0) != 0;
        var reader = Block.Output.OpType == "Gemm" && Block.Output.GetInt("transB", 0) != 0;
        return new ScaleGroup(
            Block.Value.Name.Length > 0 ? Block.Value.Name : Block.Value.Output[0], groups * size, [Block.Value.Output[0]],
            [
                new ScaledTensor(Block.Value, Member(Block.Value.Input[1], gemm ? 0 : 1, unit => [unit])),
                .. Biases.Select(bias => new ScaledTensor(bias.Node, Member(bias.Tensor, 0, unit => [unit]))),
            ],
            [new ScaledTensor(Block.Output, Member(Block.Output.Input[1], reader ? 1 : 0,
                unit => [.. Enumerable.Range(0, heads).Select(head => (((unit / size * heads) + head) * size) + (unit % size))]))],
            Reason);
    }

    private static ValuePath Follow(OnnxModel model, GraphIndex index, AttentionBlock block)
    {
        var biases = new List<(NodeProto, string)>();
        string? Refusal()
        {
            if (!IsHeadMajor(block))
                return "the features of a head do not lie side by side";
            var mixer = Back(index, block.Output.Input[0]);
            var value = mixer is { OpType: "MatMul" } && !model.Weights.ContainsKey(mixer.Input[1]) ? mixer.Input[1] : mixer is { OpType: "GroupQueryAttention" } ? mixer.Input[2] : null;
            if (value is null)
                return "something other than attention lies before the output projection";
            while (Back(index, value) is { } node && !ReferenceEquals(node, block.Value))
            {
                var constant = node.OpType == "Add" ? node.Input.FirstOrDefault(model.Weights.ContainsKey) : null;
                if (constant is null || model.Weights[constant].Shape.Count != 1 || model.Weights[constant].Elements != block.KeyValueGroups * block.HeadSize)
                    return $"{node.OpType} '{node.Name}' changes the values";
                biases.Add((node, constant));
                value = node.Input.First(input => input != constant);
            }
            if (Back(index, value) is null)
                return $"'{value}' is read elsewhere";
            if (block.Value.Input.Count > 2)
                biases.Add((block.Value, block.Value.Input[2]));
            return new[] { block.Value.Input[1], block.Output.Input[1] }.Concat(biases.Select(bias => bias.Item2)).Select(tensor =>
                !model.Weights.TryGetValue(tensor, out var weight) || weight.Type != TensorProto.Types.DataType.Float ? $"'{tensor}' is no float initializer"
                : index.Uses(tensor).Count != 1 || index.IsOutput(tensor) ? $"'{tensor}' has other uses"
                : biases.Any(bias => bias.Item2 == tensor) && weight.Shape.Count != 1 ? $"'{tensor}' is no vector"
                : !biases.Any(bias => bias.Item2 == tensor) && weight.Shape.Count != 2 ? $"'{tensor}' is no matrix" : null)
                .FirstOrDefault(reason => reason is not null);
        }
        var reason = Refusal();
        return new ValuePath(block, biases, reason);
    }

    /// <summary>Whether values are [group, feature] and the output projection reads [group, head, feature].</summary>
    private static bool IsHeadMajor(AttentionBlock block)
    {
        var (value, output) = (block.Value.Input[1], block.Output.Input[1]);
        return block.HeadSize > 1 && block.Groups.Closure.Classes.Any(found => found.Size == block.HeadSize
            && Lies(found, value, block.KeyValueGroups) && Lies(found, output, block.Heads));

        static bool Lies(DimensionClass found, string tensor, int outer) => found.Members.Where(member => member.Tensor == tensor).ToList() is [var member]
            && (member.Outer, member.Inner, member.FactorSize, member.Repeat) == (outer, 1, found.Size, 1)
            && member.Units.Select((places, unit) => places[0] == unit).All(same => same);
    }

    /// <summary>The node that makes a value, behind those that only move elements; null where somebody else reads it on the way.</summary>
    private static NodeProto? Back(GraphIndex index, string value)
    {
        while (index.OnlyConsumer(value) is not null && index.Producer(value) is { } node)
        {
            if (!Moves.Contains(node.OpType) || node.Domain is not ("" or "ai.onnx"))
                return node;
            value = node.Input[0];
        }
        return null;
    }
}
