using PruneBuild.Graph.Dimensions;

namespace PruneBuild.Graph.Transformers;

/// <summary>A layer of a transformer: an attention block, a feed-forward block, or the one and then the other, or both at once.</summary>
/// <param name="Input">The hidden state before it.</param>
/// <param name="Output">The hidden state after it.</param>
/// <param name="Attention">Its attention, or null.</param>
/// <param name="Neurons">The class of its feed-forward's neurons, or null.</param>
public sealed record TransformerLayer(string Input, string Output, AttentionBlock? Attention, DimensionClass? Neurons);
