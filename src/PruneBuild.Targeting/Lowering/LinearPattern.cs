using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>
/// A MatMul or Gemm with the bias, the residual and the activation that follow it, as one custom node can compute them. A custom
/// node is opaque to ONNX Runtime's own fusions, so they are made here.
/// </summary>
/// <param name="Site">The linear operator.</param>
/// <param name="BiasName">Float initializer of one element for each output, or null.</param>
/// <param name="BiasAdd">The Add that holds the bias of a MatMul; null when there is none or Gemm holds it.</param>
/// <param name="Tail">Residual and activation.</param>
internal sealed record LinearPattern(WeightSite Site, string? BiasName, NodeProto? BiasAdd, FusedTail Tail)
{
    /// <summary>The value of the linear operator with its bias.</summary>
    public string BiasedOutput => BiasAdd?.Output[0] ?? Site.OutputName;

    /// <summary>Recognizes the pattern around a MatMul or Gemm, or says why no kernel can replace the operator.</summary>
    public static (LinearPattern? Pattern, string? Obstacle) Match(OnnxModel model, GraphIndex index, WeightSite site)
    {
        if (model.Weights[site.StoredName].Shape.Count != 2)
            return (null, "the weight does not have 2 dimensions");
        var node = site.Node;
        if (site.Kind == SiteKind.MatMul)
        {
            var add = index.OnlyConsumer(site.OutputName) is { OpType: "Add", Domain: "" or "ai.onnx" } next ? next : null;
            var bias = add?.Input.FirstOrDefault(value => value != site.OutputName && IsBias(model, value, site.Outputs, rank: 1));
            add = bias is null ? null : add;
            return (new(site, bias, add, FusedTail.Match(model, index, add?.Output[0] ?? site.OutputName)), null);
        }

        var c = node.Input.Count > 2 && node.Input[2].Length > 0 ? node.Input[2] : null;
        if (node.GetFloat("alpha", 1) != 1 || (c is not null && node.GetFloat("beta", 1) != 1))
            return (null, "Gemm with alpha or beta other than 1");
        if (c is not null && !IsBias(model, c, site.Outputs, rank: 2))
            return (null, "Gemm with a C that is not a constant of one element for each output");
        return (new(site, c, null, FusedTail.Match(model, index, site.OutputName)), null);
    }

    // A bias of more dimensions than the product would change the shape of the sum.
    private static bool IsBias(OnnxModel model, string value, int outputs, int rank) =>
        model.Weights.TryGetValue(value, out var weight)
        && weight.Type == TensorProto.Types.DataType.Float
        && weight.Elements == outputs
        && weight.Shape.Count >= 1
        && weight.Shape.Count <= rank
        && weight.Shape[^1] == outputs;
}
