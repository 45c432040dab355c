using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions;

/// <summary>One node as a rule sees it during analysis: shapes to read and write, and the constraints it adds.</summary>
internal sealed class NodeScope(NodeProto node, long opset, OnnxModel model, ValueShapes shapes, AxisGraph graph, AxisRoles roles)
{
    public NodeProto Node => node;

    public long Opset => opset;

    public SizeTable Sizes => shapes.Sizes;

    /// <summary>The node for people.</summary>
    public string Name => $"{node.OpType} '{(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault())}'";

    public bool HasInput(int index) => index < node.Input.Count && node.Input[index].Length > 0;

    public bool HasOutput(int index) => index < node.Output.Count && node.Output[index].Length > 0;

    public bool IsConstant(string value) => model.Weights.ContainsKey(value);

    /// <summary>The shape of an input; the closure has checked that it is known.</summary>
    public long[] In(int index) => shapes.Shape(node.Input[index])!;

    public long[] Out(int index) => shapes.Shape(node.Output[index])!;

    public void SetOut(int index, params long[] shape)
    {
        if (HasOutput(index))
            shapes.SetShape(node.Output[index], shape);
    }

    public IntegerContents? Contents(int index) => HasInput(index) ? shapes.Contents(node.Input[index]) : null;

    public void SetContents(IntegerContents contents) => shapes.SetContents(node.Output[0], contents);

    /// <summary>An axis number from 0, as attributes may count from the end.</summary>
    public static int FromStart(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    /// <summary>Integers from an attribute or, in later versions of an operator, from a constant input; null when they are computed.</summary>
    public IReadOnlyList<long>? Integers(string attribute, int input) =>
        HasInput(input)
            ? Contents(input) is { } contents && !contents.Items.Any(SizeTable.IsSymbol) ? contents.Items : null
            : node.GetInts(attribute, []);

    /// <summary>Two axes are the same; nothing is said where one has size 1.</summary>
    public void Same(string left, int leftAxis, string right, int rightAxis)
    {
        if (left == right && leftAxis == rightAxis)
            return;
        var (a, b) = (SizeOf(left, leftAxis), SizeOf(right, rightAxis));
        if (a == 1 || b == 1)
            return;
        if (a != b || SizeTable.IsSymbol(a))
        {
            if (a != b)
            {
                Freeze(left, leftAxis, $"{Name} pairs it with an axis of unknown size");
                Freeze(right, rightAxis, $"{Name} pairs it with an axis of unknown size");
            }
            return;
        }
        Equal([Axis(left, leftAxis)!.Value], [Axis(right, rightAxis)!.Value]);
    }

    /// <summary>Two row-major index spaces of axis ids are the same.</summary>
    public void Equal(int[] left, int[] right) =>
        graph.Constrain(new EqualSpaces(left, right, $"{Name} divides the axis in another way"));

    /// <summary>Part[k] is whole[index[k]].</summary>
    public void Select(string whole, int wholeAxis, string part, int partAxis, int[] index)
    {
        if (index.Length == 1 || Axis(whole, wholeAxis) is not { } from || Axis(part, partAxis) is not { } to)
            Freeze(whole, wholeAxis, $"{Name} takes a single element of it");
        else
            graph.Constrain(new Selection(from, to, index, $"{Name} cuts through its blocks"));
    }

    /// <summary>The id of an axis, or null when its size is 1 or known only at run time.</summary>
    public int? Axis(string value, int axis)
    {
        var size = SizeOf(value, axis);
        return size <= 1 ? null : graph.Axis(new ValueAxis(value, axis), size);
    }

    public int Virtual(long size) => graph.Virtual(size);

    public void Freeze(string value, int axis, string reason)
    {
        if (Axis(value, axis) is { } id)
            graph.Freeze(id, reason);
    }

    public void Freeze(int axis, string reason) => graph.Freeze(axis, reason);

    /// <summary>Freezes every axis that the node reads or writes.</summary>
    public void FreezeAll(string reason)
    {
        foreach (var value in node.Input.Concat(node.Output).Where(value => value.Length > 0))
            for (var axis = 0; axis < (shapes.Shape(value)?.Length ?? 0); axis++)
                Freeze(value, axis, reason);
    }

    public void Reduce(string value, int axis, string reason)
    {
        if (Axis(value, axis) is not { } id)
            return;
        graph.Reduce(id, reason);
        roles.Reducers.Add((id, node));
    }

    /// <summary>The node's weight makes the elements of the axis.</summary>
    public void Produces(string value, int axis)
    {
        if (Axis(value, axis) is { } id)
            roles.Producers.Add((id, node));
    }

    /// <summary>The node's weight contracts the axis.</summary>
    public void Consumes(string value, int axis)
    {
        if (Axis(value, axis) is { } id)
            roles.Consumers.Add((id, node));
    }

    /// <summary>The node multiplies two activations, as attention does: every axis of both is told so.</summary>
    public void MeetsActivations()
    {
        foreach (var value in node.Input.Take(2))
            for (var axis = 0; axis < shapes.Shape(value)!.Length; axis++)
                if (Axis(value, axis) is { } id)
                    roles.ActivationProducts.Add(id);
    }

    private long SizeOf(string value, int axis) => shapes.Shape(value)![axis];
}

/// <summary>Which nodes make and contract which axes.</summary>
internal sealed class AxisRoles
{
    public List<(int Axis, NodeProto Node)> Producers { get; } = [];

    public List<(int Axis, NodeProto Node)> Consumers { get; } = [];

    public List<(int Axis, NodeProto Node)> Reducers { get; } = [];

    public HashSet<int> ActivationProducts { get; } = [];
}
