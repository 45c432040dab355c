using PruneBuild.Graph.Dimensions;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>An attention block made of MatMul, Softmax, Reshape and Transpose, or of GroupQueryAttention.</summary>
/// <param name="Query">Projection of the queries.</param>
/// <param name="Key">Projection of the keys.</param>
/// <param name="Value">Projection of the values.</param>
/// <param name="Output">Projection of the heads' results.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueGroups">Key-value heads; each serves <c>Heads / KeyValueGroups</c> query heads.</param>
/// <param name="HeadSize">Features of a head's values.</param>
/// <param name="Groups">The class whose units are whole key-value groups with their query heads.</param>
public sealed record AttentionBlock(
    NodeProto Query, NodeProto Key, NodeProto Value, NodeProto Output, int Heads, int KeyValueGroups, int HeadSize, DimensionClass Groups);

/// <summary>A gated feed-forward: down(activation(gate x) ⊙ up x).</summary>
/// <param name="Gate">Projection whose result goes through the activation.</param>
/// <param name="Up">The other projection.</param>
/// <param name="Down">The projection back.</param>
/// <param name="Neurons">The class whose units are the neurons.</param>
public sealed record GatedFeedForward(NodeProto Gate, NodeProto Up, NodeProto Down, DimensionClass Neurons);

/// <summary>A residual block y = x + f(x).</summary>
/// <param name="Input">x.</param>
/// <param name="Output">y.</param>
/// <param name="Add">The node that adds.</param>
/// <param name="Body">The nodes of f, in node order.</param>
public sealed record ResidualBlock(string Input, string Output, NodeProto Add, IReadOnlyList<NodeProto> Body);
