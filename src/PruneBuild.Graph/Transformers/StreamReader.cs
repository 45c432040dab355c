using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>Explains every node that touches the features of a stream, or says which one it cannot explain.</summary>
internal sealed class StreamReader(OnnxModel model, GraphIndex index, DimensionClass found)
{
    private readonly HashSet<string> values = [.. found.Values];
    private readonly HashSet<NodeProto> explained = new(ReferenceEqualityComparer.Instance);
    private readonly List<FeatureAxis> makers = [];
    private readonly List<FeatureAxis> readers = [];
    private readonly List<RootMeanSquareNorm> norms = [];

    public ResidualFeatures Read()
    {
        var reason = found.FrozenReason ?? Explain() ?? makers.Concat(readers).Concat(norms.SelectMany(norm => norm.Readers))
            .Select(axis => axis.Tensor).Concat(norms.Select(norm => norm.Scale).OfType<string>()).Select(Refusal).FirstOrDefault(refusal => refusal is not null);
        return new ResidualFeatures(found.Name, found.Size, makers, readers, norms, reason);
    }

    private string? Explain()
    {
        if (found.Members.Any(member => member.Outer != 1 || member.Inner != 1 || member.FactorSize != found.Size || !member.Units.Select((places, unit) => places is [var place] && place == unit).All(same => same)))
            return "the features lie in parts of an axis";
        foreach (var node in model.Graph.Node.Where(Touches))
        {
            if (explained.Contains(node) || IsSum(node) || IsMaker(node) || IsNorm(node))
                continue;
            if (Reader(node) is not { } reader)
                return $"{node.OpType} '{(node.Name.Length > 0 ? node.Name : node.Output[0])}' is not understood there";
            readers.Add(reader);
            explained.Add(node);
        }
        return values.Any(value => index.Uses(value).Any(use => use.InputIndex < 0)) ? "a subgraph reads the stream" : null;
    }

    private bool Touches(NodeProto node) => node.Input.Concat(node.Output).Any(values.Contains);

    private bool IsSum(NodeProto node) => node.OpType is "Add" or "Identity" && node.Input.All(values.Contains);

    private bool IsMaker(NodeProto node)
    {
        FeatureAxis? axis = node.OpType switch
        {
            "Gather" when Held(node.Input[0]) is { } data => new FeatureAxis(node, node.Input[0], data),
            "Add" when node.Input.FirstOrDefault(model.Weights.ContainsKey) is { } bias && Held(bias) is { } place => new FeatureAxis(node, bias, place),
            _ when IsLinear(node) && !values.Contains(node.Input[0]) && Held(node.Input[1]) is { } output => new FeatureAxis(node, node.Input[1], output),
            _ => null,
        };
        if (axis is null)
            return false;
        makers.Add(axis);
        if (node.OpType == "Gemm" && node.Input.Count > 2 && node.Input[2].Length > 0)
        {
            if (Held(node.Input[2]) is not { } place)
                return false;
            makers.Add(new FeatureAxis(node, node.Input[2], place));
        }
        return true;
    }

    /// <summary>A layer that contracts the features.</summary>
    private FeatureAxis? Reader(NodeProto node) =>
        IsLinear(node) && values.Contains(node.Input[0]) && !values.Contains(node.Output[0]) && Held(node.Input[1]) is { } input ? new FeatureAxis(node, node.Input[1], input) : null;

    private bool IsLinear(NodeProto node) => node.OpType is "MatMul" or "Gemm" && model.Weights.TryGetValue(node.Input[1], out var weight)
        && weight.Shape.Count == 2 && node.GetInt("transA", 0) == 0;

    private bool IsNorm(NodeProto node)
    {
        var (result, scale) = node.OpType switch
        {
            "RMSNormalization" or "SimplifiedLayerNormalization" when node.GetInt("axis", -1) == -1 && node.Output.Count == 1 && Held(node.Input[1]) is not null => (node.Output[0], node.Input[1]),
            "Pow" when IsNumber(node.Input[1], 2) => (Normalized(node), null),
            "Mul" when node.Input[0] == node.Input[1] => (Normalized(node), null),
            _ => (null, (string?)null),
        };
        if (result is null)
            return false;
        if (scale is null && index.OnlyConsumer(result) is { OpType: "Mul" } product && product.Input.FirstOrDefault(input => input != result) is { } factor && Held(factor) is not null)
        {
            explained.Add(product);
            (result, scale) = (product.Output[0], factor);
        }
        var behind = index.Uses(result).Select(use => Reader(use.Node)).ToList();
        if (index.IsOutput(result) || behind.Contains(null))
            return false;
        explained.UnionWith(behind.Select(reader => reader!.Node));
        explained.Add(node);
        norms.Add(new RootMeanSquareNorm(scale, [.. behind.Select(reader => reader!)]));
        return true;
    }

    /// <summary>x / √(mean x² + ε) from the node that squares x, or null.</summary>
    private string? Normalized(NodeProto square)
    {
        if (index.OnlyConsumer(square.Output[0]) is not { OpType: "ReduceMean" } mean || values.Contains(mean.Output[0])
            || index.OnlyConsumer(mean.Output[0]) is not { OpType: "Add" } shifted || !shifted.Input.Any(IsScalar)
            || index.OnlyConsumer(shifted.Output[0]) is not { OpType: "Sqrt" } root || index.OnlyConsumer(root.Output[0]) is not { } next)
            return null;
        var reciprocal = next.OpType == "Reciprocal" || (next.OpType == "Div" && IsNumber(next.Input[0], 1)) ? next : null;
        var last = reciprocal is null ? next : index.OnlyConsumer(reciprocal.Output[0]);
        var divides = reciprocal is null
            ? last is { OpType: "Div" } && last.Input[0] == square.Input[0] && last.Input[1] == root.Output[0]
            : last is { OpType: "Mul" } && last.Input.Contains(square.Input[0]) && last.Input.Contains(reciprocal.Output[0]);
        if (!divides)
            return null;
        explained.Add(mean);
        explained.Add(last!);
        return last!.Output[0];
    }

    /// <summary>The axis of an initializer that holds the features, or null where none or several do.</summary>
    private int? Held(string tensor) => found.Members.Where(member => member.Tensor == tensor).ToList() is [var member] ? member.Axis : null;

    private bool IsScalar(string value) => model.Weights.TryGetValue(value, out var weight) && weight is { Elements: 1, Type: TensorProto.Types.DataType.Float };

    private bool IsNumber(string value, float number) => IsScalar(value) && model.Weights[value].ReadSingles()[0] == number;

    private string? Refusal(string tensor) =>
        model.Weights[tensor].Type != TensorProto.Types.DataType.Float ? $"'{tensor}' is not float"
        : index.Uses(tensor).Count != 1 || index.IsOutput(tensor) || model.Graph.Input.Any(input => input.Name == tensor) ? $"'{tensor}' has other uses"
        : null;
}
