namespace HomeAssistant.Training;

/// <summary>Sizes of the network. The hidden size, the heads' features and the neurons are multiples of 32, as groups of int4 weights and 8×4 blocks want them.</summary>
internal sealed record NetworkShape(int Vocabulary = 768, int Hidden = 128, int Layers = 5, int Heads = 8, int KeyValueHeads = 4, int FeedForward = 448)
{
    public const double RopeTheta = 10_000;
    public const double Epsilon = 1e-5;
    public const int MaxPositions = 512;

    public int HeadSize => Hidden / Heads;

    public int KeyValueSize => KeyValueHeads * HeadSize;

    public long Parameters => Tensors.Sum(tensor => tensor.Count);

    /// <summary>The weights under the names of the Llama layout, in the order of the network's one buffer.</summary>
    public IReadOnlyList<NamedTensor> Tensors =>
    [
        new("model.embed_tokens.weight", [Vocabulary, Hidden]),
        .. Enumerable.Range(0, Layers).SelectMany(Layer),
        new("model.norm.weight", [Hidden]),
    ];

    private IEnumerable<NamedTensor> Layer(int number)
    {
        var name = $"model.layers.{number}";
        yield return new($"{name}.input_layernorm.weight", [Hidden]);
        yield return new($"{name}.self_attn.q_proj.weight", [Hidden, Hidden]);
        yield return new($"{name}.self_attn.k_proj.weight", [KeyValueSize, Hidden]);
        yield return new($"{name}.self_attn.v_proj.weight", [KeyValueSize, Hidden]);
        yield return new($"{name}.self_attn.o_proj.weight", [Hidden, Hidden]);
        yield return new($"{name}.post_attention_layernorm.weight", [Hidden]);
        yield return new($"{name}.mlp.gate_proj.weight", [FeedForward, Hidden]);
        yield return new($"{name}.mlp.up_proj.weight", [FeedForward, Hidden]);
        yield return new($"{name}.mlp.down_proj.weight", [Hidden, FeedForward]);
    }
}

/// <summary>A weight by its name.</summary>
internal sealed record NamedTensor(string Name, long[] Shape)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether it is a matrix of a linear layer: what is pruned.</summary>
    public bool IsLinear => Name.EndsWith("_proj.weight", StringComparison.Ordinal);
}
