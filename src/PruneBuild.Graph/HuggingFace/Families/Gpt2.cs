namespace PruneBuild.Graph.HuggingFace;

/// <summary>GPT-2 (Radford et al. 2019): learned positions, LayerNorm, matrices stored as [inputs, outputs], a tied embedding.</summary>
internal sealed class Gpt2 : IDecoderFamily
{
    private const string Prefix = "transformer.";

    public string ModelType => "gpt2";

    // Its own GPT-2 keeps keys and values of a layer in one tensor.
    public string RuntimeType => "decoder";

    public DecoderArchitecture Describe(FolderJson config)
    {
        if (!config.Flag("scale_attn_weights", true))
            throw config.Unsupported("scale_attn_weights", "scores are always divided by the root of the head size");
        if (config.Flag("scale_attn_by_inverse_layer_idx", false))
            throw config.Unsupported("scale_attn_by_inverse_layer_idx", "scores are scaled alike in all layers");
        return ConfigReader.Gpt(
            config, new GptKeys("n_embd", "n_layer", "n_head", "n_inner", "n_positions", "layer_norm_epsilon", "activation_function"), hidden => 4 * hidden)
            with { TiedEmbeddings = config.Flag("tie_word_embeddings", true) };
    }

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has)
    {
        var (of, hidden) = (architecture, architecture.HiddenSize);
        // Saved with its last layer the model has a prefix, without it none.
        var prefix = has($"{Prefix}wte.weight") ? Prefix : "";
        var embedding = new TensorPart($"{prefix}wte.weight", [of.Vocabulary, hidden]);
        return new DecoderParts(
            embedding, new TensorPart($"{prefix}wpe.weight", [of.MaxPositions, hidden]),
            [.. Enumerable.Range(0, of.Layers).Select(number => Layer(of, $"{prefix}h.{number}"))],
            Norm($"{prefix}ln_f", hidden), new LinearPart("lm_head", of.TiedEmbeddings ? embedding : embedding with { Tensor = "lm_head.weight" }));
    }

    /// <summary>Causal masks lie beside the weights, and a last layer beside the embedding that it is tied to.</summary>
    public bool IsUnused(string tensor) => tensor == "lm_head.weight"
        || tensor.EndsWith(".attn.bias", StringComparison.Ordinal) || tensor.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    private static LayerParts Layer(DecoderArchitecture of, string name)
    {
        var hidden = of.HiddenSize;
        var together = Linear($"{name}.attn.c_attn", hidden, 3 * hidden);
        LinearPart Third(string part, int number) => new(
            $"{name}.attn.{part}", together.Weight with { Outputs = [(number * hidden, hidden)] }, together.Bias! with { Outputs = [(number * hidden, hidden)] });
        return new LayerParts
        {
            Name = name,
            AttentionNorm = Norm($"{name}.ln_1", hidden),
            Query = Third("q", 0),
            Key = Third("k", 1),
            Value = Third("v", 2),
            Output = Linear($"{name}.attn.c_proj", hidden, hidden),
            FeedForwardNorm = Norm($"{name}.ln_2", hidden),
            Up = Linear($"{name}.mlp.c_fc", hidden, of.FeedForwardSize),
            Down = Linear($"{name}.mlp.c_proj", of.FeedForwardSize, hidden),
        };
    }

    private static LinearPart Linear(string name, int inputs, int outputs) =>
        new(name, new TensorPart($"{name}.weight", [inputs, outputs]) { InputsFirst = true }, new TensorPart($"{name}.bias", [outputs]));

    private static NormPart Norm(string name, int size) => new(name, new TensorPart($"{name}.weight", [size]), new TensorPart($"{name}.bias", [size]));
}
