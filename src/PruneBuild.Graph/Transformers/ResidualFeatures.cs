using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>An initializer with an axis over the features of a stream.</summary>
/// <param name="Node">Who uses it.</param>
/// <param name="Tensor">The initializer.</param>
/// <param name="Axis">From 0; its size is the number of features.</param>
public sealed record FeatureAxis(NodeProto Node, string Tensor, int Axis);

/// <summary>x / √(mean x² + ε), of one operator or several, whose result only linear layers read.</summary>
/// <param name="Scale">Its γ, or null where it has none.</param>
/// <param name="Readers">The layers.</param>
public sealed record RootMeanSquareNorm(string? Scale, IReadOnlyList<FeatureAxis> Readers);

/// <summary>
/// The residual stream of a transformer whose only nonlinear readers are root mean square normalizations: once their γ is folded into
/// the layers behind them, an orthogonal map of the features can go into all makers and readers (Ashkboos et al. 2024, "SliceGPT").
/// </summary>
/// <param name="Name">For people: the first node that makes it.</param>
/// <param name="Features">How many.</param>
/// <param name="Makers">Embeddings, weights and biases that add to the stream.</param>
/// <param name="Readers">Layers that read the stream without a normalization.</param>
/// <param name="Norms">The normalizations.</param>
/// <param name="Reason">Why the features must stay as they are, or null.</param>
public sealed record ResidualFeatures(
    string Name, int Features, IReadOnlyList<FeatureAxis> Makers, IReadOnlyList<FeatureAxis> Readers, IReadOnlyList<RootMeanSquareNorm> Norms, string? Reason)
{
    /// <summary>The classes of features that residual connections add to or normalizations read, in the order of their first occurrence.</summary>
    public static IReadOnlyList<ResidualFeatures> Find(OnnxModel model)
    {
        var index = new GraphIndex(model.Graph);
        return [.. DimensionClosure.Analyze(model)
            .Where(found => !found.InActivationProduct && found.Producers.Count > 0 && (found.ReductionReason is not null || HasResidual(model, found)))
            .Select(found => new StreamReader(model, index, found).Read())];
    }

    private static bool HasResidual(OnnxModel model, DimensionClass found) =>
        model.Graph.Node.Any(node => node.OpType == "Add" && node.Input.Count == 2 && node.Input.All(found.Values.Contains));
}
