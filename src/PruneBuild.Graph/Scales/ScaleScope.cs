using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Scales;

/// <summary>The values of one class of channels, and what the nodes say about their scales.</summary>
internal sealed class ScaleScope
{
    private readonly OnnxModel model;
    private readonly GraphIndex index;
    private readonly DimensionClass found;
    private readonly Dictionary<string, string> parents;
    private readonly Dictionary<string, string> pinned = new(StringComparer.Ordinal);
    private readonly List<(string Value, ScaledTensor Tensor, bool Inverse)> tensors = [];
    private List<(string Left, string Right, string Result)> products = [];

    public ScaleScope(OnnxModel model, GraphIndex index, DimensionClass found)
    {
        (this.model, this.index, this.found) = (model, index, found);
        parents = found.Values.ToDictionary(value => value, StringComparer.Ordinal);
        Node = null!;
    }

    /// <summary>The node whose turn it is.</summary>
    public NodeProto Node { get; set; }

    /// <summary>Whether the analysis may have lost track of the channels somewhere.</summary>
    public bool IsFrozen => found.FrozenReason is not null;

    /// <summary>The input of the node, or null where it has none.</summary>
    public string? Input(int input) => input < Node.Input.Count && Node.Input[input].Length > 0 ? Node.Input[input] : null;

    public string Output => Node.Output[0];

    public bool IsWeight(string value) => model.Weights.ContainsKey(value);

    public IReadOnlyList<long> ShapeOf(string weight) => model.Weights[weight].Shape;

    /// <summary>Whether a value, not an initializer, holds the channels.</summary>
    public bool Carries(string? value) => value is not null && parents.ContainsKey(value);

    /// <summary>Whether an axis of an initializer holds the channels.</summary>
    public bool Holds(string tensor, int? axis = null) => found.Members.Any(member => member.Tensor == tensor && (axis ?? member.Axis) == member.Axis);

    /// <summary>Whether a constant is zero everywhere: zero has every scale.</summary>
    public bool IsZero(string weight) => model.Weights[weight] is { Type: TensorProto.Types.DataType.Float } tensor && !tensor.ReadSingles().AsSpan().ContainsAnyExcept(0f);

    /// <summary>Two values have one scale; one that does not hold the channels pins the other.</summary>
    public void Same(string left, string right)
    {
        if (!Carries(left) || !Carries(right))
        {
            Pin(left, Because("mixes the channels"));
            Pin(right, Because("mixes the channels"));
            return;
        }
        var (a, b) = (Root(left), Root(right));
        if (a == b)
            return;
        parents[b] = a;
        if (pinned.Remove(b, out var reason))
            pinned.TryAdd(a, reason);
    }

    /// <summary>The scale of a value must stay; the first reason counts.</summary>
    public void Pin(string? value, string reason)
    {
        if (Carries(value))
            pinned.TryAdd(Root(value!), reason);
    }

    public void PinAll(string reason)
    {
        foreach (var value in Node.Input.Concat(Node.Output))
            Pin(value, reason);
    }

    /// <summary>The node for people, and what it does.</summary>
    public string Because(string what) => $"{Node.OpType} '{(Node.Name.Length > 0 ? Node.Name : Node.Output.FirstOrDefault())}' {what}";

    /// <summary>An initializer makes the channels of a value.</summary>
    public void Produces(string tensor, string value, int? axis = null) => Follows(tensor, value, axis, inverse: false);

    /// <summary>An initializer takes the scale of a value back out.</summary>
    public void Consumes(string tensor, string value, int? axis = null) => Follows(tensor, value, axis, inverse: true);

    /// <summary>The scale of the result is the product of the operands' scales.</summary>
    public void Multiplies(string left, string right, string result) => products.Add((left, right, result));

    /// <summary>The groups, once every node was asked.</summary>
    public IEnumerable<ScaleGroup> Groups()
    {
        SolveProducts();
        return found.Values.GroupBy(Root).Select(group =>
        {
            ScaledTensor[] Side(bool inverse) => [.. tensors.Where(one => one.Inverse == inverse && Root(one.Value) == group.Key).Select(one => one.Tensor)];
            var (producers, consumers) = (Side(inverse: false), Side(inverse: true));
            var first = producers.Select(producer => producer.Node).FirstOrDefault();
            var name = first is null ? group.Key : first.Name.Length > 0 ? first.Name : first.Output[0];
            return new ScaleGroup(name, found.Size, [.. group], producers, consumers, pinned.GetValueOrDefault(group.Key));
        });
    }

    private void Follows(string tensor, string value, int? axis, bool inverse)
    {
        var members = found.Members.Where(member => member.Tensor == tensor && (axis ?? member.Axis) == member.Axis).ToList();
        if (members is not [var member])
        {
            Pin(value, Because($"has '{tensor}' without one number a channel"));
            return;
        }
        if (model.Weights[tensor].Type != TensorProto.Types.DataType.Float)
            Pin(value, $"'{tensor}' is not float");
        else if (index.Uses(tensor).Count != 1 || index.IsOutput(tensor) || model.Graph.Input.Any(input => input.Name == tensor))
            Pin(value, $"'{tensor}' has other uses");
        if (Carries(value))
            tensors.Add((value, new ScaledTensor(Node, member), inverse));
    }

    /// <summary>
    /// A product with a pinned factor passes the other factor's scale on. Where none is pinned, the first factor is: of
    /// gate ⊙ up that leaves up.
    /// </summary>
    private void SolveProducts()
    {
        bool IsPinned(string value) => pinned.ContainsKey(Root(value));
        while (products.Count > 0)
        {
            var left = new List<(string Left, string Right, string Result)>();
            foreach (var product in products)
            {
                var reason = $"another value is multiplied by '{product.Result}'";
                if (IsPinned(product.Left) || Root(product.Left) == Root(product.Right) || (IsPinned(product.Result) && !IsPinned(product.Right)))
        {
                    if (!IsPinned(product.Left))
                        Pin(product.Left, reason);
                    Same(product.Right, product.Result);
                }
                else if (IsPinned(product.Right))
        {
                    Same(product.Left, product.Result);
                }
                else
        {
                    left.Add(product);
                }
            }
            if (left.Count == products.Count)
                Pin(left[0].Left, $"'{left[0].Right}' is multiplied by it and takes the scale");
            products = left;
        }
    }

    private string Root(string value)
    {
        while (parents[value] != value)
            value = parents[value] = parents[parents[value]];
        return value;
    }
}
