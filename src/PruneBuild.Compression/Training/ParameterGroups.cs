using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using Elements = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Compression.Training;

/// <summary>Which float initializers can be trained, by what they do.</summary>
/// <param name="Weights">Matrices and kernels of MatMul, Gemm and Conv, and embeddings.</param>
/// <param name="Vectors">Biases, and scales and shifts of normalizations.</param>
internal sealed record ParameterGroups(IReadOnlyList<string> Weights, IReadOnlyList<string> Vectors)
{
    /// <summary>Finds them. Anything else, such as rotary tables, epsilons or quantization scales, is a constant of the computation.</summary>
    public static ParameterGroups Find(OnnxModel model)
    {
        var (weights, vectors) = (new List<string>(), new List<string>());
        foreach (var node in model.Graph.Node)
        {
            foreach (var (name, index) in node.Input.Select((name, index) => (name, index)))
            {
                if (!model.Weights.TryGetValue(name, out var weight) || weight.Type != Elements.Float)
                    continue;
                var group = IsWeight(node, index, weight) ? weights : IsVector(node, index, weight) ? vectors : null;
                if (group is not null && !weights.Contains(name) && !vectors.Contains(name))
                    group.Add(name);
            }
        }
        return new ParameterGroups(weights, vectors);
    }

    private static bool IsWeight(NodeProto node, int index, WeightTensor weight) => weight.Shape.Count >= 2 && node.OpType switch
    {
        "MatMul" => true,
        "Gemm" => index < 2,
        "Conv" => index == 1,
        "Gather" => index == 0,
        _ => false,
    };

    private static bool IsVector(NodeProto node, int index, WeightTensor weight) => node.OpType switch
    {
        "Conv" or "Gemm" => index == 2,
        "BatchNormalization" or "LayerNormalization" or "InstanceNormalization" => index is 1 or 2,
        "RMSNormalization" or "SimplifiedLayerNormalization" => index == 1,
        // Spelled out, a bias or scale is the operand of Add or Mul that varies along one dimension.
        "Add" or "Mul" => weight.Shape.Count(size => size > 1) == 1,
        _ => false,
    };
}
