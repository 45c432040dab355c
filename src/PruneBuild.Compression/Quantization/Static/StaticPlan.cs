using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Compression.Quantization;

/// <summary>A node that runs on bytes.</summary>
/// <param name="Node">The node.</param>
/// <param name="Operands">Which of its inputs are activations.</param>
/// <param name="Result">The value behind it, or behind its activation function, that becomes bytes at once; null where it may stay float.</param>
/// <param name="KeepsScale">Whether the result has the levels of the operand.</param>
internal sealed record ByteNode(NodeProto Node, IReadOnlyList<int> Operands, string? Result, bool KeepsScale)
{
    /// <summary>The activations it reads.</summary>
    public IEnumerable<string> Inputs => Operands.Select(operand => Node.Input[operand]);

    /// <summary>The values that become bytes because of it.</summary>
    public IEnumerable<string> Values => Result is null ? Inputs : Inputs.Append(Result);
}

/// <summary>
/// Which nodes of a model run on bytes, and which values are quantized for them. Layers with int8 weights and products of two activations always do; sums,
/// pools and moves only where what they read is quantized anyway and what they write is read as bytes.
/// </summary>
internal sealed class StaticPlan
{
    private static readonly HashSet<string> Pools = new(StringComparer.Ordinal) { "GlobalAveragePool", "AveragePool" };
    private static readonly HashSet<string> Moves = new(StringComparer.Ordinal) { "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "MaxPool" };

    private readonly OnnxModel model;
    private readonly GraphIndex index;
    private readonly DataFlow flow;
    private readonly IReadOnlyDictionary<string, string> unusable;
    private readonly Dictionary<NodeProto, ByteNode> nodes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<WeightSite, string> refusals = new(ReferenceEqualityComparer.Instance);

    /// <param name="model">A model with float activations.</param>
    /// <param name="sites">Its layers whose weights are or become int8.</param>
    /// <param name="unusable">Values that have no range, with the reason.</param>
    public StaticPlan(OnnxModel model, IReadOnlyList<WeightSite> sites, IReadOnlyDictionary<string, string> unusable)
    {
        (this.model, this.unusable) = (model, unusable);
        (index, flow) = (new GraphIndex(model.Graph), new DataFlow(model));
        foreach (var site in sites)
        {
            var (node, reason) = Layer(site);
            if (node is not null)
                nodes[site.Node] = node;
            else
                refusals[site] = reason!;
        }
        foreach (var node in model.Graph.Node.Where(node => Is(node, "MatMul") && node.Input.All(IsActivation)))
            TryAdd(new ByteNode(node, [0, 1], null, KeepsScale: false));
        while (Grow())
        {
        }
    }

    /// <summary>The nodes that run on bytes, in the order of the graph.</summary>
    public IReadOnlyList<ByteNode> Nodes => [.. model.Graph.Node.Where(nodes.ContainsKey).Select(node => nodes[node])];

    /// <summary>Why the activations of a layer stay float, or null.</summary>
    public string? Refusal(WeightSite site) => refusals.GetValueOrDefault(site);

    /// <summary>Values that become bytes, each with the value whose range it has.</summary>
    public IReadOnlyDictionary<string, string> Values
    {
        get
        {
            var kept = nodes.Values.Where(node => node.KeepsScale).ToDictionary(node => node.Result!, node => node.Inputs.First(), StringComparer.Ordinal);
            return nodes.Values.SelectMany(node => node.Values).Distinct(StringComparer.Ordinal).ToDictionary(value => value, value => Source(kept, value), StringComparer.Ordinal);
        }
    }

    private static string Source(Dictionary<string, string> kept, string value)
    {
        while (kept.TryGetValue(value, out var before))
            value = before;
        return value;
    }

    private (ByteNode? Node, string? Reason) Layer(WeightSite site)
    {
        var node = site.Node;
        if (!flow.IsDynamic(site.InputName))
            return (null, "the input is a constant");
        if (IsDequantized(site.InputName))
            return (null, "the activations are already quantized");
        if (unusable.TryGetValue(site.InputName, out var reason))
            return (null, reason);
        if (site.Kind == SiteKind.MatMul)
            return model.Weights[site.StoredName].Shape.Count == 2 ? (new ByteNode(node, [0], null, KeepsScale: false), null) : (null, "the weight does not have 2 dimensions");
        if (node.Input.Count > 2 && node.Input[2].Length > 0
            && !(model.Weights.TryGetValue(node.Input[2], out var bias) && bias.Type == TensorProto.Types.DataType.Float && bias.Elements == site.Outputs && bias.Shape[^1] == site.Outputs))
            return (null, "its addend is no constant bias");
        if (site.Kind == SiteKind.Gemm)
            return node.GetFloat("alpha", 1) == 1 && node.GetFloat("beta", 1) == 1 ? (new ByteNode(node, [0], null, KeepsScale: false), null) : (null, "a Gemm with factors");
        if (Behind(node) is not { } result)
            return (null, "the model or a subgraph returns what it puts out");
        return unusable.TryGetValue(result, out reason) ? (null, reason) : (new ByteNode(node, [0], result, KeepsScale: false), null);
    }

    /// <summary>Adds sums, pools and moves between nodes that are there; whether there were any.</summary>
    private bool Grow()
    {
        var grown = false;
        var read = nodes.Values.SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        var bytes = nodes.Values.SelectMany(node => node.Values).ToHashSet(StringComparer.Ordinal);
        foreach (var node in model.Graph.Node.Reverse().Where(node => !nodes.ContainsKey(node)))
        {
            var operands = Is(node, "Add") && node.Input.All(bytes.Contains) ? [0, 1]
                : Pools.Any(type => Is(node, type)) || (Moves.Any(type => Is(node, type)) && node.Output.Count == 1) ? new[] { 0 }
                : null;
            if (operands is null || !operands.All(operand => IsActivation(node.Input[operand])) || Behind(node) is not { } result || !read.Contains(result))
                continue;
            var keeps = !Is(node, "Add") && !Pools.Contains(node.OpType);
            // Levels of a move are those of its operand, so nothing may come between.
            if (keeps && result != node.Output[0])
                continue;
            grown |= TryAdd(new ByteNode(node, operands, result, keeps));
        }
        return grown;
    }

    private bool TryAdd(ByteNode node) =>
        !node.Values.Any(value => unusable.ContainsKey(value) || IsDequantized(value)) && nodes.TryAdd(node.Node, node);

    /// <summary>The value behind a node and the Relu, or Clip from zero on, that alone reads it; null where it must stay float.</summary>
    private string? Behind(NodeProto node)
    {
        var value = node.Output[0];
        if (index.OnlyConsumer(value) is { } next && IsRelu(next) && IsFree(next.Output[0]))
            return next.Output[0];
        return IsFree(value) ? value : null;
    }

    private bool IsFree(string value) => !index.IsOutput(value) && index.Uses(value).All(use => use.InputIndex >= 0);

    private bool IsRelu(NodeProto node) => Is(node, "Relu") || (Is(node, "Clip") && (node.Input.Count < 2
        ? node.GetFloat("min", float.MinValue) == 0
        : model.Weights.TryGetValue(node.Input[1], out var least) && least is { Type: TensorProto.Types.DataType.Float, Elements: 1 } && least.ReadSingles()[0] == 0));

    private bool IsActivation(string value) => flow.IsDynamic(value) && !IsDequantized(value);

    private bool IsDequantized(string value) => index.Producer(value) is { OpType: "DequantizeLinear" } node && flow.IsDynamic(node.Input[0]);

    private static bool Is(NodeProto node, string type) => node.OpType == type && (node.Domain is "" or "ai.onnx");
}
