namespace PruneBuild.Graph.HuggingFace;

/// <summary>A tensor of the checkpoint, or some of its rows, as a weight of the graph.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Shape">What the config says that it has.</param>
internal sealed record TensorPart(string Tensor, IReadOnlyList<long> Shape)
{
    /// <summary>Whether a matrix is stored as [inputs, outputs]; otherwise as [outputs, inputs].</summary>
    public bool InputsFirst { get; init; }

    /// <summary>Runs of outputs that are taken, in this order; null for all.</summary>
    public IReadOnlyList<(int First, int Count)>? Outputs { get; init; }

    /// <summary>What is multiplied.</summary>
    public float Factor { get; init; } = 1;

    /// <summary>What is added.</summary>
    public float Summand { get; init; }

    /// <summary>Outputs that are taken.</summary>
    public int OutputCount => Outputs?.Sum(run => run.Count) ?? (int)Shape[InputsFirst ? 1 : 0];

    /// <summary>Inputs of a matrix.</summary>
    public int InputCount => (int)Shape[InputsFirst ? 0 : 1];
}

/// <summary>A linear layer.</summary>
/// <param name="Name">Of its node; its weights are this and <c>.weight</c>, <c>.bias</c>.</param>
/// <param name="Weight">The matrix.</param>
/// <param name="Bias">One number an output, or null.</param>
internal sealed record LinearPart(string Name, TensorPart Weight, TensorPart? Bias = null);

/// <summary>A normalization over the features.</summary>
/// <param name="Name">Of its node.</param>
/// <param name="Scale">γ.</param>
/// <param name="Bias">β, or null.</param>
internal sealed record NormPart(string Name, TensorPart Scale, TensorPart? Bias = null);

/// <summary>The weights of a layer.</summary>
internal sealed record LayerParts
{
    /// <summary>Prefix of its nodes.</summary>
    public required string Name { get; init; }

    public required NormPart AttentionNorm { get; init; }

    public required LinearPart Query { get; init; }

    public required LinearPart Key { get; init; }

    public required LinearPart Value { get; init; }

    /// <summary>Of every head before the rotation, or null.</summary>
    public NormPart? QueryNorm { get; init; }

    /// <inheritdoc cref="QueryNorm"/>
    public NormPart? KeyNorm { get; init; }

    /// <summary>The projection of the heads' results.</summary>
    public required LinearPart Output { get; init; }

    /// <summary>Of what attention adds, or null.</summary>
    public NormPart? AttentionOutputNorm { get; init; }

    public required NormPart FeedForwardNorm { get; init; }

    /// <summary>Null where the feed-forward is not gated.</summary>
    public LinearPart? Gate { get; init; }

    public required LinearPart Up { get; init; }

    public required LinearPart Down { get; init; }

    /// <summary>Of what the feed-forward adds, or null.</summary>
    public NormPart? FeedForwardOutputNorm { get; init; }
}

/// <summary>The weights of a model.</summary>
/// <param name="Embedding">[vocabulary, features].</param>
/// <param name="Positions">Learned positions, [most positions, features], or null.</param>
/// <param name="Layers">In order.</param>
/// <param name="FinalNorm">Before the last layer.</param>
/// <param name="Head">From features to logits.</param>
internal sealed record DecoderParts(TensorPart Embedding, TensorPart? Positions, IReadOnlyList<LayerParts> Layers, NormPart FinalNorm, LinearPart Head)
{
    /// <summary>All tensors that are read.</summary>
    public IEnumerable<TensorPart> All => Layers.SelectMany(layer => new[] { layer.AttentionNorm, layer.QueryNorm, layer.KeyNorm, layer.AttentionOutputNorm, layer.FeedForwardNorm, layer.FeedForwardOutputNorm }
            .SelectMany(norm => new[] { norm?.Scale, norm?.Bias })
            .Concat(new[] { layer.Query, layer.Key, layer.Value, layer.Output, layer.Gate, layer.Up, layer.Down }.SelectMany(linear => new[] { linear?.Weight, linear?.Bias })))
        .Concat([Embedding, Positions, FinalNorm.Scale, FinalNorm.Bias, Head.Weight, Head.Bias]).OfType<TensorPart>();
}
