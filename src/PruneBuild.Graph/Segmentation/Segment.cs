using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Segmentation;

/// <summary>A part of a graph that runs on its own.</summary>
/// <param name="Nodes">In topological order; nodes of the model, not copies.</param>
/// <param name="Inputs">The values it must be given: graph inputs and values that other parts made.</param>
/// <param name="Outputs">The values it is wanted for.</param>
public sealed record Segment(IReadOnlyList<NodeProto> Nodes, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);
