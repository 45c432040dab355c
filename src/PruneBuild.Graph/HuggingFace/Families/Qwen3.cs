namespace PruneBuild.Graph.HuggingFace;

/// <summary>Qwen 3, dense (Yang et al. 2025): Llama with a normalization of every query and key head before the rotation.</summary>
internal sealed class Qwen3 : IDecoderFamily
{
    public string ModelType => "qwen3";

    public DecoderArchitecture Describe(FolderJson config)
    {
        var bias = config.Flag("attention_bias", false);
        return Qwen2.WithWindows(config, ConfigReader.Llama(config) with { NormalizesHeads = true, QueryKeyValueBias = bias, AttentionOutputBias = bias });
    }

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has) => LlamaLayout.Parts(architecture);

    public bool IsUnused(string tensor) => LlamaLayout.IsUnused(tensor);
}
