namespace PruneBuild.Graph.HuggingFace;

/// <summary>Llama 2 and 3 (Touvron et al. 2023; Grattafiori et al. 2024), and models built like them, such as SmolLM.</summary>
internal sealed class Llama : IDecoderFamily
{
    public string ModelType => "llama";

    public DecoderArchitecture Describe(FolderJson config)
    {
        var bias = config.Flag("attention_bias", false);
        return ConfigReader.Llama(config) with { QueryKeyValueBias = bias, AttentionOutputBias = bias, FeedForwardBias = config.Flag("mlp_bias", false) };
    }

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has) => LlamaLayout.Parts(architecture);

    public bool IsUnused(string tensor) => LlamaLayout.IsUnused(tensor);
}
