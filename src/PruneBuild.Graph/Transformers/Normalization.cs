using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>A normalization over the last axis with a scale, one node or several.</summary>
/// <param name="Input">What is normalized.</param>
/// <param name="Output">The result, scaled and with bias.</param>
/// <param name="Scaling">The node that applies γ: the normalization itself, or a Mul.</param>
/// <param name="ScaleIndex">Which of its inputs is γ.</param>
/// <param name="IsCentered">Whether the mean is subtracted (LayerNorm, Ba et al. 2016) or not (RMSNorm, Zhang and Sennrich 2019).</param>
/// <param name="Nodes">All nodes of it.</param>
public sealed record Normalization(string Input, string Output, NodeProto Scaling, int ScaleIndex, bool IsCentered, IReadOnlyList<NodeProto> Nodes)
{
    /// <summary>The value of γ.</summary>
    public string Scale => Scaling.Input[ScaleIndex];
}
