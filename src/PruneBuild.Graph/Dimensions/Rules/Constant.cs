using System.Runtime.InteropServices;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>A constant that a node holds. Its axes are frozen: only initializers are edited.</summary>
internal sealed class Constant : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Constant"];

    public string? Infer(NodeScope scope)
    {
        var (shape, items) = scope.Node.Attribute.FirstOrDefault() switch
        {
            { Name: "value", T: { } tensor } => (tensor.Dims.ToArray(), Integers(tensor)),
            { Name: "value_int" } attribute => ([], [attribute.I]),
            { Name: "value_ints" } attribute => ([attribute.Ints.Count], attribute.Ints.ToArray()),
            { Name: "value_float" } => ([], null),
            { Name: "value_floats" } attribute => ([attribute.Floats.Count], null),
            _ => ((long[]?)null, (long[]?)null),
        };
        if (shape is null)
            return $"{scope.Name} holds no tensor";
        scope.SetOut(0, shape);
        if (items is not null && shape.Length <= 1)
            scope.SetContents(IntegerContents.Plain(items));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        for (var axis = 0; axis < scope.Out(0).Length; axis++)
            scope.Freeze(scope.Node.Output[0], axis, $"{scope.Name} holds it");
    }

    private static long[]? Integers(TensorProto tensor)
    {
        var raw = tensor.HasRawData ? tensor.RawData.ToByteArray() : InlineData.ToRaw(tensor);
        return (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Int64 => MemoryMarshal.Cast<byte, long>(raw).ToArray(),
            TensorProto.Types.DataType.Int32 => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(raw).ToArray(), value => (long)value),
            _ => null,
        };
    }
}
