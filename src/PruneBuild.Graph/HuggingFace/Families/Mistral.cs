namespace PruneBuild.Graph.HuggingFace;

/// <summary>Mistral (Jiang et al. 2023): Llama with a window of attention in every layer.</summary>
internal sealed class Mistral : IDecoderFamily
{
    public string ModelType => "mistral";

    public DecoderArchitecture Describe(FolderJson config)
    {
        var read = ConfigReader.Llama(config);
        return read with { Windows = ConfigReader.Windows(config, read.Layers, _ => true) };
    }

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has) => LlamaLayout.Parts(architecture);

    public bool IsUnused(string tensor) => LlamaLayout.IsUnused(tensor);
}
