using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>Finds the layers of a transformer: residual blocks with heads or neurons that can be removed.</summary>
public static class TransformerLayers
{
    /// <summary>The layers, in node order. All classes are of one analysis.</summary>
    public static IReadOnlyList<TransformerLayer> Of(OnnxModel model)
    {
        var classes = DimensionClosure.Analyze(model);
        var attention = TransformerView.Attention(model, classes);
        var layers = new List<TransformerLayer>();
        foreach (var block in TransformerView.ResidualBlocks(model))
        {
            var body = block.Body.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
            var heads = attention.FirstOrDefault(found => body.Contains(found.Output));
            var neurons = classes.FirstOrDefault(found => AreNeurons(found, body));
            if (heads is not null)
                layers.Add(new TransformerLayer(block.Input, block.Output, heads, neurons));
            else if (neurons is not null && layers is [.., { Neurons: null } last] && last.Output == block.Input)
                layers[^1] = last with { Output = block.Output, Neurons = neurons };
            else if (neurons is not null)
                layers.Add(new TransformerLayer(block.Input, block.Output, null, neurons));
        }
        return layers;
    }

    private static bool AreNeurons(DimensionClass found, HashSet<NodeProto> body) =>
        found is { FrozenReason: null, ReductionReason: null, InActivationProduct: false, Producers.Count: > 0, Consumers.Count: > 0 }
        && found.Producers.Concat(found.Consumers).All(body.Contains);
}
