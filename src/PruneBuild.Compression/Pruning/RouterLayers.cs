using PruneBuild.Graph;

namespace PruneBuild.Compression.Pruning;

/// <summary>
/// Finds the routers of mixtures of experts: the linear layers whose scores a TopK chooses from. They are tiny, and a wrong choice
/// costs a whole expert.
/// </summary>
internal static class RouterLayers
{
    private static readonly HashSet<string> BetweenScoresAndChoice = new(StringComparer.Ordinal)
    {
        "Add", "Sub", "Mul", "Div", "Softmax", "LogSoftmax", "Sigmoid", "Tanh", "Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
    };

    /// <summary>Outputs of the MatMul and Gemm nodes that are routers.</summary>
    public static IReadOnlySet<string> Find(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<string>(model.Graph.Node.Where(node => node is { OpType: "TopK", Domain: "" or "ai.onnx" }).Select(node => node.Input[0]));
        while (queue.TryDequeue(out var value))
        {
            if (!seen.Add(value) || index.Producer(value) is not { } node)
                continue;
            if (node.OpType is "MatMul" or "Gemm")
                found.Add(value);
            else if (BetweenScoresAndChoice.Contains(node.OpType))
                foreach (var input in node.Input)
                    queue.Enqueue(input);
        }
        return found;
    }
}
