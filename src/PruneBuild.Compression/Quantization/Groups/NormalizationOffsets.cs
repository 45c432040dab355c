using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Adds up sums of constants, such as the 1 + γ that Gemma's normalizations multiply with: their sum can take a scale, γ alone cannot.
/// With γ' = (1 + γ) / s it is what folding into γ itself gives, (1 + γ) / s − 1, and nothing is lost in rounding.
/// </summary>
internal static class NormalizationOffsets
{
    /// <summary>Replaces every Add of a float vector and a number, both constant, by its sum.</summary>
    public static void Fold(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        foreach (var add in model.Graph.Node.Where(node => node is { OpType: "Add", Domain: "" or "ai.onnx" }).ToList())
        {
            if (index.IsOutput(add.Output[0]) || Vector(model, add) is not { } vector || Number(model, index, add.Input[add.Input[0] == vector ? 1 : 0]) is not { } number)
                continue;
            model.SetWeight(add.Output[0], model.Weights[vector].Shape, Array.ConvertAll(model.Weights[vector].ReadSingles(), value => value + number));
            model.Graph.Node.Remove(add);
            if (index.Uses(vector).Count == 1 && !index.IsOutput(vector))
                model.RemoveWeight(vector);
        }
    }

    private static string? Vector(OnnxModel model, NodeProto add) => add.Input.FirstOrDefault(input =>
        model.Weights.TryGetValue(input, out var weight) && weight is { Type: TensorProto.Types.DataType.Float, Shape: [> 1] } && IsFixed(model, input));

    private static float? Number(OnnxModel model, GraphIndex index, string value) => IsFixed(model, value) ? ScalarConstants.Find(model, index, value) : null;

    // Models of IR version 3 list initializers as inputs, which a caller may replace.
    private static bool IsFixed(OnnxModel model, string weight) => model.Graph.Input.All(input => input.Name != weight);
}
