namespace PruneBuild.Graph.HuggingFace;

/// <summary>Gemma 1 (Mesnard et al. 2024): gated by GELU, embeddings times √features, normalizations by 1 + γ, a tied embedding.</summary>
internal sealed class Gemma : IDecoderFamily
{
    public string ModelType => "gemma";

    public DecoderArchitecture Describe(FolderJson config) => Common(config);

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has) => LlamaLayout.Parts(architecture);

    public bool IsUnused(string tensor) => LlamaLayout.IsUnused(tensor);

    /// <summary>What the generations have in common.</summary>
    public static DecoderArchitecture Common(FolderJson config)
    {
        // Gemma's first configs say gelu and mean its approximation; later ones have a key of their own.
        var named = config.Has("hidden_activation");
        var read = ConfigReader.Llama(config, named ? "hidden_activation" : "hidden_act");
        var bias = config.Flag("attention_bias", false);
        return read with
        {
            Activation = !named && read.Activation == Activation.Gelu ? Activation.GeluTanh : read.Activation,
            EmbeddingScale = MathF.Sqrt(read.HiddenSize),
            UnitOffsetNorms = true,
            TiedEmbeddings = config.Flag("tie_word_embeddings", true),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }
}
