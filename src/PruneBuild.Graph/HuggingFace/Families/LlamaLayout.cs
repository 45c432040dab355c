namespace PruneBuild.Graph.HuggingFace;

/// <summary>Where the weights of Llama and of the families that took over its layout lie.</summary>
internal static class LlamaLayout
{
    /// <summary>The weights of a model.</summary>
    /// <param name="of">Its architecture.</param>
    /// <param name="layer">Changes a layer where a family differs; null for none.</param>
    public static DecoderParts Parts(DecoderArchitecture of, Func<LayerParts, LayerParts>? layer = null)
    {
        var embedding = new TensorPart("model.embed_tokens.weight", [of.Vocabulary, of.HiddenSize]);
        var head = of.TiedEmbeddings ? embedding : new TensorPart("lm_head.weight", [of.Vocabulary, of.HiddenSize]);
        return new DecoderParts(
            embedding with { Factor = of.EmbeddingScale }, null,
            [.. Enumerable.Range(0, of.Layers).Select(number => Layer(of, $"model.layers.{number}")).Select(layer ?? (same => same))],
            Norm(of, "model.norm", of.HiddenSize), new LinearPart("lm_head", head));
    }

    /// <summary>A normalization without bias.</summary>
    public static NormPart Norm(DecoderArchitecture of, string name, int size) =>
        new(name, new TensorPart($"{name}.weight", [size]) { Summand = of.UnitOffsetNorms ? 1 : 0 });

    /// <summary>A linear layer, [outputs, inputs].</summary>
    public static LinearPart Linear(string name, int outputs, int inputs, bool bias) =>
        new(name, new TensorPart($"{name}.weight", [outputs, inputs]), bias ? new TensorPart($"{name}.bias", [outputs]) : null);

    private static LayerParts Layer(DecoderArchitecture of, string name)
    {
        var (queries, keys) = (of.Heads * of.HeadSize, of.KeyValueHeads * of.HeadSize);
        return new LayerParts
        {
            Name = name,
            AttentionNorm = Norm(of, $"{name}.input_layernorm", of.HiddenSize),
            Query = Linear($"{name}.self_attn.q_proj", queries, of.HiddenSize, of.QueryKeyValueBias),
            Key = Linear($"{name}.self_attn.k_proj", keys, of.HiddenSize, of.QueryKeyValueBias),
            Value = Linear($"{name}.self_attn.v_proj", keys, of.HiddenSize, of.QueryKeyValueBias),
            QueryNorm = of.NormalizesHeads ? Norm(of, $"{name}.self_attn.q_norm", of.HeadSize) : null,
            KeyNorm = of.NormalizesHeads ? Norm(of, $"{name}.self_attn.k_norm", of.HeadSize) : null,
            Output = Linear($"{name}.self_attn.o_proj", of.HiddenSize, queries, of.AttentionOutputBias),
            FeedForwardNorm = Norm(of, $"{name}.post_attention_layernorm", of.HiddenSize),
            Gate = Linear($"{name}.mlp.gate_proj", of.FeedForwardSize, of.HiddenSize, of.FeedForwardBias),
            Up = Linear($"{name}.mlp.up_proj", of.FeedForwardSize, of.HiddenSize, of.FeedForwardBias),
            Down = Linear($"{name}.mlp.down_proj", of.HiddenSize, of.FeedForwardSize, of.FeedForwardBias),
        };
    }

    /// <summary>Tensors that old checkpoints hold and nothing is computed with; a last layer beside a tied embedding is one as well.</summary>
    public static bool IsUnused(string tensor) => tensor.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || tensor == "lm_head.weight";
}
