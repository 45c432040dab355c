using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>A value as bytes.</summary>
/// <param name="Name">The bytes.</param>
/// <param name="Scale">Initializer with one scale, or one for each output of a weight.</param>
/// <param name="Zero">Initializer with as many zero points; empty where all are zero and the operator needs none.</param>
internal sealed record ByteValue(string Name, string Scale, string Zero);

/// <summary>The bytes that a node is to write.</summary>
/// <param name="Bytes">The value.</param>
/// <param name="Replaced">What the node takes the place of: an activation function that the end of the levels stands for, and the QuantizeLinear.</param>
/// <param name="Float">The float value that is no longer made.</param>
internal sealed record ByteResult(ByteValue Bytes, IReadOnlyList<NodeProto> Replaced, string Float);

/// <summary>One node between DequantizeLinear and QuantizeLinear, and the means to write the integer operator in its place.</summary>
internal sealed class IntegerFusion(OnnxModel model, GraphIndex index, NodeProto node)
{
    private const string ContributedDomain = "com.microsoft";

    /// <summary>The node.</summary>
    public NodeProto Node => node;

    /// <summary>An activation of the node as bytes, or null.</summary>
    public ByteValue? Activation(int input) =>
        index.Producer(node.Input[input]) is { OpType: "DequantizeLinear", Input: [var bytes, var scale, var zero] }
        && !model.Weights.ContainsKey(bytes) && model.Weights.TryGetValue(zero, out var point) && point.Type == TensorProto.Types.DataType.Uint8 && point.Elements == 1
            ? new ByteValue(bytes, scale, zero) : null;

    /// <summary>The weight of the node as signed bytes with zero points of zero, or null.</summary>
    public ByteValue? Weight()
    {
        if (index.Producer(node.Input[1]) is not { OpType: "DequantizeLinear", Input: [var bytes, var scale] }
            || !model.Weights.TryGetValue(bytes, out var weight) || weight.Type != TensorProto.Types.DataType.Int8)
            return null;
        var outputs = (int)model.Weights[scale].Elements;
        var zero = $"{bytes}_zero_point";
        if (!model.Weights.ContainsKey(zero))
            model.SetWeight(zero, TensorProto.Types.DataType.Int8, [outputs], new byte[outputs]);
        return new ByteValue(bytes, scale, zero);
    }

    /// <summary>The bias of the node as 32-bit integers; empty without one, null where it is float.</summary>
    public string? Bias() =>
        node.Input.Count < 3 || node.Input[2].Length == 0 ? ""
        : index.Producer(node.Input[2]) is { OpType: "DequantizeLinear" } dequantize && model.Weights.TryGetValue(dequantize.Input[0], out var bias)
            && bias.Type == TensorProto.Types.DataType.Int32 ? dequantize.Input[0] : null;

    /// <summary>A vector that the only reader of the node's output adds to it, with that Add; null where there is none.</summary>
    public (string Bias, NodeProto Add)? AddedVector(long outputs)
    {
        if (index.OnlyConsumer(node.Output[0]) is not { OpType: "Add", Domain: "" or "ai.onnx" } add)
            return null;
        var other = add.Input[add.Input[0] == node.Output[0] ? 1 : 0];
        return model.Weights.TryGetValue(other, out var vector) && vector is { Type: TensorProto.Types.DataType.Float, Shape.Count: 1 } && vector.Elements == outputs
            ? (other, add) : null;
    }

    /// <summary>The bytes that are made of what the node puts out, or null where it stays float.</summary>
    public ByteResult? Result()
    {
        var value = node.Output[0];
        var replaced = new List<NodeProto>();
        if (index.OnlyConsumer(value) is { OpType: "Relu" or "Clip" } function)
        {
            replaced.Add(function);
            value = function.Output[0];
        }
        var readers = index.Uses(value);
        if (readers.FirstOrDefault(use => use.Node.OpType == "QuantizeLinear").Node is not { Input: [_, var scale, var zero] } quantize
            || index.IsOutput(value) || readers.Any(use => use.InputIndex < 0)
            || (replaced.Count > 0 && !IsEndOfLevels(replaced[0], model.Weights[scale].ReadSingles()[0], model.Weights[zero].Read<byte>()[0])))
            return null;
        return new ByteResult(new ByteValue(quantize.Output[0], scale, zero), [.. replaced, quantize], value);
    }

    /// <summary>Removes an attribute that the integer operator does not have.</summary>
    public void Drop(string attribute)
    {
        if (node.Attribute.FirstOrDefault(one => one.Name == attribute) is { } found)
            node.Attribute.Remove(found);
    }

    /// <summary>Puts an integer operator that writes bytes in the place of the node.</summary>
    public void Write(string op, bool isContributed, ByteResult result, params IEnumerable<string> inputs)
    {
        Replace(op, isContributed, result.Bytes.Name, result.Replaced, inputs);
        Redirect(result);
    }

    /// <summary>Puts an operator that writes floats in the place of the node and others behind it.</summary>
    public void WriteFloat(string op, string output, IReadOnlyList<NodeProto> replaced, params IEnumerable<string> inputs) =>
        Replace(op, isContributed: true, output, replaced, inputs);

    /// <summary>Lets a node that only moves elements move bytes.</summary>
    public void Move(ByteValue operand, ByteResult result)
    {
        node.Input[0] = operand.Name;
        node.Output[0] = result.Bytes.Name;
        foreach (var other in result.Replaced)
            model.Graph.Node.Remove(other);
        Redirect(result);
    }

    /// <summary>Whether bytes saturate where a Relu or a Clip does: at zero below, and above no later than the Clip.</summary>
    private bool IsEndOfLevels(NodeProto function, float scale, byte zero)
    {
        if (function.OpType == "Relu" || zero != 0)
            return zero == 0;
        double? Bound(int input, string attribute, float missing) => function.Input.Count == 1 ? function.GetFloat(attribute, missing)
            : function.Input.Count > input && function.Input[input].Length > 0 ? ScalarConstants.Find(model, index, function.Input[input]) : missing;
        return Bound(1, "min", float.MinValue) is { } least && least <= 0
            && Bound(2, "max", float.MaxValue) is { } most && (double)scale * byte.MaxValue <= most * (1 + 1e-6);
    }

    /// <summary>Whoever else read the float value gets it back from the bytes.</summary>
    private void Redirect(ByteResult result)
    {
        var dequantized = index.Uses(result.Bytes.Name).Select(use => use.Node).FirstOrDefault(user => user.OpType == "DequantizeLinear")?.Output[0];
        foreach (var use in index.Uses(result.Float).Where(use => use.Node.OpType != "QuantizeLinear"))
            use.Node.Input[use.InputIndex] = dequantized!;
    }

    private void Replace(string op, bool isContributed, string output, IReadOnlyList<NodeProto> replaced, IEnumerable<string> inputs)
    {
        var written = new NodeProto { OpType = op, Domain = isContributed ? ContributedDomain : "", Name = node.Name, Output = { output } };
        written.Input.Add(inputs);
        while (written.Input.Count > 0 && written.Input[^1].Length == 0)
            written.Input.RemoveAt(written.Input.Count - 1);
        written.Attribute.Add(node.Attribute.Select(attribute => attribute.Clone()));
        model.Graph.Node[model.Graph.Node.IndexOf(node)] = written;
        foreach (var other in replaced)
            model.Graph.Node.Remove(other);
        if (isContributed && model.Proto.OpsetImport.All(import => import.Domain != ContributedDomain))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = ContributedDomain, Version = 1 });
    }
}
