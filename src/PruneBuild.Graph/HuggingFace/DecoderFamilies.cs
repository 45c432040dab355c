using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>A family of decoders: how its config reads and where its weights lie.</summary>
internal interface IDecoderFamily
{
    /// <summary><c>model_type</c> of its configs.</summary>
    string ModelType { get; }

    /// <summary>What onnxruntime-genai calls a model that is run the same way.</summary>
    string RuntimeType => ModelType;

    /// <summary>Reads a config.</summary>
    /// <exception cref="PruneBuildException">PB1012, PB1013: a value is missing or wrong. PB2025, PB2028: it is not supported.</exception>
    DecoderArchitecture Describe(FolderJson config);

    /// <summary>Where the weights lie.</summary>
    /// <param name="architecture">Of <see cref="Describe"/>.</param>
    /// <param name="has">Whether the checkpoint has a tensor: some families are stored with and without a prefix.</param>
    DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has);

    /// <summary>Whether a tensor may lie in the checkpoint that nothing is computed with.</summary>
    bool IsUnused(string tensor) => false;
}

/// <summary>The families that can be imported. A new one is its file and a line here.</summary>
internal static class DecoderFamilies
{
    /// <summary>Key of the family's name in a config.</summary>
    public const string Key = "model_type";

    private static readonly IDecoderFamily[] Registered =
    [
        new Llama(),
        new Mistral(),
        new Qwen2(),
        new Qwen3(),
        new Gemma(),
        new Gemma2(),
        new Phi3(),
        new Gpt2(),
        new GptNeoX(),
    ];

    /// <summary>The family of a config.</summary>
    /// <exception cref="PruneBuildException">PB2024: it is none of them. PB1013: the config does not say.</exception>
    public static IDecoderFamily Of(FolderJson config) => Array.Find(Registered, family => family.ModelType == config.Text(Key))
        ?? throw config.Error(Key, "PB2024", config.Text(Key), string.Join(", ", Registered.Select(family => family.ModelType)));
}
