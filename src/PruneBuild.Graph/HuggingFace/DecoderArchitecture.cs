namespace PruneBuild.Graph.HuggingFace;

/// <summary>A decoder-only language model as its <c>config.json</c> describes it: everything that the graph depends on but the weights.</summary>
public sealed record DecoderArchitecture
{
    /// <summary><c>model_type</c> of the config.</summary>
    public required string ModelType { get; init; }

    /// <summary>Features of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key-value heads; each serves <c>Heads / KeyValueHeads</c> query heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Features of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Neurons of a feed-forward network.</summary>
    public required int FeedForwardSize { get; init; }

    /// <summary>Tokens that the embedding knows.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Most tokens of a text.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>ε of the normalizations.</summary>
    public required float Epsilon { get; init; }

    /// <summary>What follows the feed-forward's first layer.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Rotary position embedding; null where positions are learned vectors that add to the embedding.</summary>
    public RotaryEmbedding? Rotary { get; init; }

    /// <summary>Whether a root mean square normalization of every head comes before the rotation of queries and keys.</summary>
    public bool NormalizesHeads { get; init; }

    /// <summary>Whether the projections to queries, keys and values have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the projection back from the heads has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the layers of the feed-forward have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Whether the embedding is also the last layer.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>down(activation(gate x) ⊙ up x), or down(activation(up x)).</summary>
    public bool IsGated { get; init; } = true;

    /// <summary>x + attention(norm x) + feedForward(norm' x), instead of one after the other.</summary>
    public bool ParallelResidual { get; init; }

    /// <summary>Normalizations that subtract the mean and have a bias (LayerNorm), not root mean square ones.</summary>
    public bool CentersNorms { get; init; }

    /// <summary>Whether normalizations multiply by 1 + γ.</summary>
    public bool UnitOffsetNorms { get; init; }

    /// <summary>Whether attention and feed-forward are normalized once more before they add to the stream.</summary>
    public bool NormalizesOutputs { get; init; }

    /// <summary>For each layer how many tokens a token sees, itself included; null for all before it. Empty when no layer has a window.</summary>
    public IReadOnlyList<int?> Windows { get; init; } = [];

    /// <summary>What embeddings are multiplied by.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>What scores are multiplied by; null for 1 / √<see cref="HeadSize"/>.</summary>
    public float? AttentionScale { get; init; }

    /// <summary>c of c·tanh(score / c); null for none.</summary>
    public float? AttentionSoftcap { get; init; }

    /// <summary>c of c·tanh(logit / c); null for none.</summary>
    public float? LogitSoftcap { get; init; }
}

/// <summary>Activation functions of feed-forward networks.</summary>
public enum Activation
{
    /// <summary>x · sigmoid(x).</summary>
    Silu,

    /// <summary>x · Φ(x).</summary>
    Gelu,

    /// <summary>Its approximation by tanh (Hendrycks and Gimpel 2016).</summary>
    GeluTanh,

    /// <summary>max(0, x).</summary>
    Relu,
}
