using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>
/// A sum and the root mean square normalization of it become <c>com.microsoft.SkipSimplifiedLayerNormalization</c>, which passes over the
/// features once. ONNX Runtime fuses so itself only where the normalization also subtracts the mean.
/// </summary>
internal static class SkipNormalization
{
    private const string Domain = "com.microsoft";

    /// <summary>Fuses in place, where both operands certainly have the same shape.</summary>
    /// <param name="model">Its values have kept the names that they had when the shapes were found.</param>
    /// <param name="shapes">Of the model's values.</param>
    public static void Fuse(OnnxModel model, KnownShapes shapes)
    {
        var index = new GraphIndex(model.Graph);
        foreach (var add in model.Graph.Node.Where(node => node is { OpType: "Add", Domain: "" or "ai.onnx", Input.Count: 2 }).ToList())
        {
            var normalization = index.Uses(add.Output[0]).Where(use => use.InputIndex == 0).Select(use => use.Node).FirstOrDefault(IsFusible);
            if (normalization is null || shapes.RankOf(add.Input[0]) is not (2 or 3) || !shapes.AreEqual(add.Input[0], add.Input[1]) || model.Weights.ContainsKey(add.Input[0]) || model.Weights.ContainsKey(add.Input[1]))
                continue;
            // A scale of more dimensions is not what the operator takes, and one that a node computes may come after the sum.
            if (!model.Weights.TryGetValue(normalization.Input[1], out var scale) || scale.Shape.Count != 1)
                continue;
            var node = new NodeProto { Name = normalization.Name, OpType = "SkipSimplifiedLayerNormalization", Domain = Domain };
            node.Input.Add([add.Input[0], add.Input[1], normalization.Input[1]]);
            node.Output.Add([normalization.Output[0], "", "", add.Output[0]]);
            node.Set("epsilon", normalization.GetFloat("epsilon", 1e-5f));
            // Where the sum was made: other users of it may come before the normalization.
            model.Graph.Node[model.Graph.Node.IndexOf(add)] = node;
            model.Graph.Node.Remove(normalization);
        }
        if (model.Graph.Node.Any(node => node.OpType == "SkipSimplifiedLayerNormalization") && model.Proto.OpsetImport.All(import => import.Domain != Domain))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
    }

    private static bool IsFusible(NodeProto node) =>
        node is { OpType: "SimplifiedLayerNormalization", Input.Count: 2 } && node.Output.Count(output => output.Length > 0) == 1 && node.GetInt("axis", -1) == -1;
}
