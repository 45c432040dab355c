using System.Runtime.InteropServices;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions;

/// <summary>One node as a rule sees it during an edit: which elements stay where, and what to rewrite once every rule agrees.</summary>
internal sealed class EditScope(
    NodeProto node, long opset, OnnxModel model, ValueShapes shapes, Func<ValueAxis, int[]?> kept, List<Action> changes)
{
    public NodeProto Node => node;

    public long Opset => opset;

    /// <summary>The shape before the edit.</summary>
    public long[] Old(string value) => shapes.Shape(value)!;

    public IntegerContents? Contents(int input) =>
        input < node.Input.Count && node.Input[input].Length > 0 ? shapes.Contents(node.Input[input]) : null;

    /// <summary>Whether elements of the axis go or move.</summary>
    public bool Changes(string value, int axis) => kept(new ValueAxis(value, axis)) is not null;

    /// <summary>Old positions in their new order.</summary>
    public int[] Kept(string value, int axis) =>
        kept(new ValueAxis(value, axis)) ?? [.. Enumerable.Range(0, (int)Old(value)[axis])];

    /// <summary>Size after the edit.</summary>
    public long Size(string value, int axis) => kept(new ValueAxis(value, axis))?.Length ?? Old(value)[axis];

    /// <summary>Stops the edit.</summary>
    public static void Require(bool condition, string why)
    {
        if (!condition)
            throw new EditRefusedException(why);
    }

    /// <summary>Rewrites an attribute.</summary>
    public void Set(string attribute, long value) => changes.Add(() => node.Set(attribute, value));

    /// <summary>Rewrites an integer list: the constant input if the node has one there, else the attribute.</summary>
    public void SetIntegers(string attribute, int input, long[] values)
    {
        changes.Add(() =>
        {
            if (input >= node.Input.Count || node.Input[input].Length == 0)
                node.Set(attribute, values);
            else
                SetInput(input, values);
        });
    }

    /// <summary>Drops an attribute, if it is there.</summary>
    public void RemoveAttribute(string name) => changes.Add(() =>
    {
        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == name) is { } found)
            node.Attribute.Remove(found);
    });

    /// <summary>Gives the node a constant integer input of its own: others may share the old one.</summary>
    public void SetConstant(int input, long[] values) => changes.Add(() => SetInput(input, values));

    private void SetInput(int input, long[] values)
    {
        while (node.Input.Count <= input)
            node.Input.Add("");
        // A constant keeps its type: Slice wants starts and ends of the same one.
        var type = model.Weights.TryGetValue(node.Input[input], out var old) && old.Type == TensorProto.Types.DataType.Int32
            ? TensorProto.Types.DataType.Int32 : TensorProto.Types.DataType.Int64;
        var bytes = type == TensorProto.Types.DataType.Int32
            ? MemoryMarshal.AsBytes(Array.ConvertAll(values, value => checked((int)value)).AsSpan())
            : MemoryMarshal.AsBytes(values.AsSpan());
        var name = ValueNames.Fresh(model, $"{node.Output[0]}_{node.OpType.ToLowerInvariant()}_{input}");
        model.SetWeight(name, type, [values.Length], bytes);
        node.Input[input] = name;
    }
}

/// <summary>A rule cannot follow an edit.</summary>
internal sealed class EditRefusedException(string why) : Exception(why);
