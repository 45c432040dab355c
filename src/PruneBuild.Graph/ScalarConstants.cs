using System.Buffers.Binary;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>The constants of a graph that are one float: initializers, or Constant nodes.</summary>
public static class ScalarConstants
{
    /// <summary>The value, or null when it is not a constant float of at most one dimension with one element.</summary>
    /// <param name="model">The model.</param>
    /// <param name="index">Of its graph.</param>
    /// <param name="value">The value's name.</param>
    public static float? Find(OnnxModel model, GraphIndex index, string value)
    {
        if (model.Weights.TryGetValue(value, out var weight))
            return weight.Type == TensorProto.Types.DataType.Float && weight.Elements == 1 && weight.Shape.Count <= 1 ? weight.ReadSingles()[0] : null;
        if (index.Producer(value) is not { OpType: "Constant", Domain: "" or "ai.onnx" } node || node.Attribute is not [var attribute])
            return null;
        return attribute switch
        {
            { Name: "value_float" } => attribute.F,
            { Name: "value", T: { DataType: (int)TensorProto.Types.DataType.Float, Dims.Count: 0 or 1 } tensor } =>
                tensor.FloatData is [var single] ? single
                : tensor.RawData.Length == sizeof(float) ? BinaryPrimitives.ReadSingleLittleEndian(tensor.RawData.Span)
                : null,
            _ => null,
        };
    }

    /// <summary>Whether a value is that constant, as far as exporters round it.</summary>
    public static bool Is(OnnxModel model, GraphIndex index, string value, double expected) =>
        Find(model, index, value) is { } found && Math.Abs(found - expected) <= 1e-4 * Math.Abs(expected);
}
