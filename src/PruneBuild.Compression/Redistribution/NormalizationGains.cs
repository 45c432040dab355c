using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Scales;

namespace PruneBuild.Compression.Redistribution;

/// <summary>Groups between a weight and the batch normalizations that alone read it: their gain |γ| / √(σ² + ε) belongs to the weight's rows.</summary>
internal sealed class NormalizationGains
{
    private readonly List<ScaleGroup> gains;

    public NormalizationGains(IEnumerable<ScaleGroup> groups) => gains = [.. groups.Where(group =>
        group.Reason is null && group.Consumers is [{ Node.OpType: "BatchNormalization" }])];

    /// <summary>Whether a group is one of them.</summary>
    public bool IsGain(ScaleGroup group) => gains.Contains(group);

    /// <summary>The group before a batch normalization, or null.</summary>
    public ScaleGroup? Before(NodeProto normalization) => gains.Find(gain => ReferenceEquals(gain.Consumers[0].Node, normalization));

    /// <summary>Makes the gains 1 of all normalizations, or of those that make the channels of a group.</summary>
    public void Fold(OnnxModel model, ScaleGroup? made = null)
    {
        foreach (var gain in gains.Where(gain => made is null || made.Producers.Any(producer => ReferenceEquals(producer.Node, gain.Consumers[0].Node))))
            gain.Apply(model, Gains(model, gain));
    }

    private static double[] Gains(OnnxModel model, ScaleGroup gain)
    {
        var (node, member) = gain.Consumers[0];
        var (scale, variance) = (model.Weights[node.Input[1]].ReadSingles(), model.Weights[node.Input[4]].ReadSingles());
        double epsilon = node.GetFloat("epsilon", 1e-5f);
        return [.. Enumerable.Range(0, gain.Units).Select(unit =>
        {
            var channel = member.Indices(unit).First();
            var factor = Math.Abs(scale[channel]) / Math.Sqrt(variance[channel] + epsilon);
            return factor > 0 && double.IsFinite(factor) ? factor : 1;
        })];
    }
}
