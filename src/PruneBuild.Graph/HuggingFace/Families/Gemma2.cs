namespace PruneBuild.Graph.HuggingFace;

/// <summary>
/// Gemma 2 (Rivière et al. 2024): Gemma with windows in every other layer, normalizations also of what blocks add, and scores and logits
/// that are capped by tanh.
/// </summary>
internal sealed class Gemma2 : IDecoderFamily
{
    public string ModelType => "gemma2";

    public DecoderArchitecture Describe(FolderJson config)
    {
        var read = Gemma.Common(config);
        return read with
        {
            NormalizesOutputs = true,
            Windows = ConfigReader.Windows(config, read.Layers, layer => layer % 2 == 0),
            AttentionScale = (float)(1 / Math.Sqrt(config.Number("query_pre_attn_scalar"))),
            AttentionSoftcap = Cap(config, "attn_logit_softcapping"),
            LogitSoftcap = Cap(config, "final_logit_softcapping"),
        };
    }

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has) => LlamaLayout.Parts(architecture, layer => layer with
    {
        AttentionOutputNorm = LlamaLayout.Norm(architecture, $"{layer.Name}.post_attention_layernorm", architecture.HiddenSize),
        FeedForwardNorm = LlamaLayout.Norm(architecture, $"{layer.Name}.pre_feedforward_layernorm", architecture.HiddenSize),
        FeedForwardOutputNorm = LlamaLayout.Norm(architecture, $"{layer.Name}.post_feedforward_layernorm", architecture.HiddenSize),
    });

    public bool IsUnused(string tensor) => LlamaLayout.IsUnused(tensor);

    private static float? Cap(FolderJson config, string key) => config.Has(key) ? (float)config.Number(key) : null;
}
