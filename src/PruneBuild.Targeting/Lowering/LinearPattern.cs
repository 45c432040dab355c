using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>
/// A MatMul or Gemm with the bias and the activation that follow it, as one custom node can compute them. A custom node is
/// opaque to ONNX Runtime's own fusions, so they are made here.
/// </summary>
/// <param name="Site">The linear operator.</param>
/// <param name="BiasName">Float initializer of one element for each output, or null.</param>
/// <param name="BiasAdd">The Add that holds the bias of a MatMul; null when there is none or Gemm holds it.</param>
/// <param name="Relu">The Relu that is the only user of the result, or null.</param>
internal sealed record LinearPattern(WeightSite Site, string? BiasName, NodeProto? BiasAdd, NodeProto? Relu)
{
    /// <summary>The value of the linear operator with its bias.</summary>
    public string BiasedOutput => BiasAdd?.Output[0] ?? Site.OutputName;

    /// <summary>The value of the whole pattern.</summary>
    public string Output => Relu?.Output[0] ?? BiasedOutput;

    /// <summary>Recognizes the pattern around a MatMul or Gemm, or says why no kernel can replace the operator.</summary>
    public static (LinearPattern? Pattern, string? Obstacle) Match(OnnxModel model, GraphIndex index, WeightSite site)
    {
        if (model.Weights[site.StoredName].Shape.Count != 2)
            return (null, "the weight does not have 2 dimensions");
        var node = site.Node;
        if (site.Kind == SiteKind.MatMul)
        {
            var add = Following(index, site.OutputName, "Add");
            var bias = add?.Input.FirstOrDefault(value => value != site.OutputName && IsBias(model, value, site.Outputs, rank: 1));
            return (WithRelu(index, new LinearPattern(site, bias, bias is null ? null : add, null)), null);
        }

        var c = node.Input.Count > 2 && node.Input[2].Length > 0 ? node.Input[2] : null;
        if (node.GetFloat("alpha", 1) != 1 || (c is not null && node.GetFloat("beta", 1) != 1))
            return (null, "Gemm with alpha or beta other than 1");
        if (c is not null && !IsBias(model, c, site.Outputs, rank: 2))
            return (null, "Gemm with a C that is not a constant of one element for each output");
        return (WithRelu(index, new LinearPattern(site, c, null, null)), null);
    }

    private static LinearPattern WithRelu(GraphIndex index, LinearPattern pattern) =>
        pattern with { Relu = Following(index, pattern.BiasedOutput, "Relu") };

    private static NodeProto? Following(GraphIndex index, string value, string op) =>
        index.OnlyConsumer(value) is { Domain: "" or "ai.onnx" } next && next.OpType == op ? next : null;

    // A bias of more dimensions than the product would change the shape of the sum.
    private static bool IsBias(OnnxModel model, string value, int outputs, int rank) =>
        model.Weights.TryGetValue(value, out var weight)
        && weight.Type == TensorProto.Types.DataType.Float
        && weight.Elements == outputs
        && weight.Shape.Count >= 1
        && weight.Shape.Count <= rank
        && weight.Shape[^1] == outputs;
}
