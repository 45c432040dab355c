namespace PruneBuild.Graph.HuggingFace;

/// <summary>GPT-NeoX and Pythia (Black et al. 2022): LayerNorm, a rotation of some features, parallel residuals, one matrix with query, key and value head by head.</summary>
internal sealed class GptNeoX : IDecoderFamily
{
    public string ModelType => "gpt_neox";

    public string RuntimeType => "decoder";

    public DecoderArchitecture Describe(FolderJson config)
    {
        var read = ConfigReader.Gpt(config, new GptKeys(
            "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "max_position_embeddings", "layer_norm_eps", "hidden_act"));
        var bias = config.Flag("attention_bias", true);
        var rotary = RopeSettings.Read(config, read.HeadSize, "rotary_emb_base", config.Has("rotary_pct") ? "rotary_pct" : "partial_rotary_factor");
        return ConfigReader.Rotated(rotary, read) with
        {
            ParallelResidual = config.Flag("use_parallel_residual", true),
            TiedEmbeddings = config.Flag("tie_word_embeddings", false),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has)
    {
        var of = architecture;
        var embedding = new TensorPart("gpt_neox.embed_in.weight", [of.Vocabulary, of.HiddenSize]);
        return new DecoderParts(
            embedding, null, [.. Enumerable.Range(0, of.Layers).Select(number => Layer(of, $"gpt_neox.layers.{number}"))],
            Norm("gpt_neox.final_layer_norm", of.HiddenSize),
            new LinearPart("embed_out", of.TiedEmbeddings ? embedding : embedding with { Tensor = "embed_out.weight" }));
    }

    /// <summary>Causal masks and frequencies lie beside the weights of old checkpoints.</summary>
    public bool IsUnused(string tensor) => tensor == "embed_out.weight" || tensor.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)
        || tensor.EndsWith(".attention.bias", StringComparison.Ordinal) || tensor.EndsWith(".attention.masked_bias", StringComparison.Ordinal);

    private static LayerParts Layer(DecoderArchitecture of, string name)
    {
        var hidden = of.HiddenSize;
        var together = LlamaLayout.Linear($"{name}.attention.query_key_value", 3 * hidden, hidden, of.QueryKeyValueBias);
        LinearPart Part(string part, int number)
        {
            IReadOnlyList<(int, int)> outputs = [.. Enumerable.Range(0, of.Heads).Select(head => (((3 * head) + number) * of.HeadSize, of.HeadSize))];
            return new LinearPart(
                $"{name}.attention.{part}", together.Weight with { Outputs = outputs }, together.Bias is { } bias ? bias with { Outputs = outputs } : null);
        }
        return new LayerParts
        {
            Name = name,
            AttentionNorm = Norm($"{name}.input_layernorm", hidden),
            Query = Part("query", 0),
            Key = Part("key", 1),
            Value = Part("value", 2),
            Output = LlamaLayout.Linear($"{name}.attention.dense", hidden, hidden, of.AttentionOutputBias),
            FeedForwardNorm = Norm($"{name}.post_attention_layernorm", hidden),
            Up = LlamaLayout.Linear($"{name}.mlp.dense_h_to_4h", of.FeedForwardSize, hidden, of.FeedForwardBias),
            Down = LlamaLayout.Linear($"{name}.mlp.dense_4h_to_h", hidden, of.FeedForwardSize, of.FeedForwardBias),
        };
    }

    private static NormPart Norm(string name, int size) => new(name, new TensorPart($"{name}.weight", [size]), new TensorPart($"{name}.bias", [size]));
}
