using System.Text.Json;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>Reads what several families' configs say in the same words.</summary>
internal static class ConfigReader
{
    /// <summary>Longest text of a model, tokens: a lying config must not make tables without end.</summary>
    public const int MostPositions = 1 << 24;

    /// <summary>Most features, neurons and tokens.</summary>
    public const int MostSize = 1 << 22;

    private const int MostLayers = 1024;
    private const int MostHeads = 4096;

    /// <summary>What Llama-like configs have in common.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB1012, PB1013: a value is missing or wrong. PB2025, PB2028: it is not supported.</exception>
    public static DecoderArchitecture Llama(FolderJson config, string activationKey = "hidden_act")
    {
        var (hidden, heads) = (config.Count("hidden_size", MostSize), config.Count("num_attention_heads", MostHeads));
        var headSize = config.Has("head_dim") ? config.Count("head_dim", MostSize) : HeadSize(config, hidden, heads, "num_attention_heads");
        return Checked(config, Rotated(RopeSettings.Read(config, headSize), new DecoderArchitecture
        {
            ModelType = config.Text(DecoderFamilies.Key),
            HiddenSize = hidden,
            Layers = config.Count("num_hidden_layers", MostLayers),
            Heads = heads,
            KeyValueHeads = config.Count("num_key_value_heads", MostHeads, heads),
            HeadSize = headSize,
            FeedForwardSize = config.Count("intermediate_size", MostSize),
            Vocabulary = config.Count("vocab_size", MostSize),
            MaxPositions = config.Count("max_position_embeddings", MostPositions),
            Epsilon = (float)config.Number("rms_norm_eps", 1e-6),
            Activation = ActivationOf(config, activationKey),
            TiedEmbeddings = config.Flag("tie_word_embeddings", false),
        }), "num_key_value_heads");
    }

    /// <summary>What GPT-like configs have in common: as many key-value heads as query heads, normalizations with bias, a plain feed-forward.</summary>
    /// <param name="config">The whole config.</param>
    /// <param name="keys">Names of the sizes.</param>
    /// <param name="feedForward">Neurons where the config does not say how many.</param>
    public static DecoderArchitecture Gpt(FolderJson config, GptKeys keys, Func<int, int>? feedForward = null)
    {
        var (hidden, heads) = (config.Count(keys.Hidden, MostSize), config.Count(keys.Heads, MostHeads));
        return Checked(config, new DecoderArchitecture
        {
            ModelType = config.Text(DecoderFamilies.Key),
            HiddenSize = hidden,
            Layers = config.Count(keys.Layers, MostLayers),
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = HeadSize(config, hidden, heads, keys.Heads),
            FeedForwardSize = feedForward is null || config.Has(keys.FeedForward) ? config.Count(keys.FeedForward, MostSize) : feedForward(hidden),
            Vocabulary = config.Count("vocab_size", MostSize),
            MaxPositions = config.Count(keys.Positions, MostPositions),
            Epsilon = (float)config.Number(keys.Epsilon, 1e-5),
            Activation = ActivationOf(config, keys.Activation),
            IsGated = false,
            CentersNorms = true,
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            FeedForwardBias = true,
        }, keys.Heads);
    }

    /// <summary>With a rotation of its heads, and texts as long as that is made for.</summary>
    public static DecoderArchitecture Rotated(RotaryEmbedding rotary, DecoderArchitecture read) =>
        read with { Rotary = rotary, MaxPositions = Math.Max(read.MaxPositions, rotary.Reach) };

    /// <summary>The activation that a key names.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB2028: it is another one.</exception>
    public static Activation ActivationOf(FolderJson config, string key) => config.Text(key) switch
    {
        "silu" or "swish" => Activation.Silu,
        "gelu" => Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => Activation.GeluTanh,
        "relu" => Activation.Relu,
        _ => throw config.Unsupported(key, "known are silu, gelu, gelu_new, gelu_pytorch_tanh and relu"),
    };

    /// <summary>The window of every layer: by <c>layer_types</c>, or else of the layers that slide by the family's rule.</summary>
    public static IReadOnlyList<int?> Windows(FolderJson config, int layers, Func<int, bool> slides)
    {
        if (!config.Has("sliding_window"))
            return [];
        var window = config.Count("sliding_window", int.MaxValue);
        if (config.Value("layer_types") is not { } types)
            return Enumerable.Range(0, layers).Any(slides) ? [.. Enumerable.Range(0, layers).Select(layer => slides(layer) ? window : (int?)null)] : [];
        if (types.ValueKind != JsonValueKind.Array || types.GetArrayLength() != layers)
            throw config.Invalid("layer_types", $"a list for {layers} layers is expected");
        return [.. types.EnumerateArray().Select(type => type.ValueKind == JsonValueKind.String ? type.GetString() : null).Select(type => type switch
        {
            "sliding_attention" => window,
            "full_attention" => (int?)null,
            _ => throw config.Unsupported("layer_types", "known are full_attention and sliding_attention"),
        })];
    }

    private static int HeadSize(FolderJson config, int hidden, int heads, string key) =>
        hidden % heads == 0 ? hidden / heads : throw config.Invalid(key, $"a divisor of the hidden size, {hidden}, is expected");

    private static DecoderArchitecture Checked(FolderJson config, DecoderArchitecture read, string keyValueKey)
    {
        if (read.Heads % read.KeyValueHeads != 0)
            throw config.Invalid(keyValueKey, $"a divisor of the number of heads, {read.Heads}, is expected");
        // What the fused attention of ONNX Runtime takes.
        if (read.HeadSize % 8 != 0)
            throw config.Unsupported(config.Has("head_dim") ? "head_dim" : keyValueKey, $"heads have {read.HeadSize} features, and only multiples of 8 can be run");
        if ((long)read.Heads * read.HeadSize > MostSize)
            throw config.Invalid(keyValueKey, $"{read.Heads} heads of {read.HeadSize} features are more than {MostSize}");
        return read;
    }
}

/// <summary>Names of the sizes in a GPT-like config.</summary>
internal sealed record GptKeys(string Hidden, string Layers, string Heads, string FeedForward, string Positions, string Epsilon, string Activation);
