using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PruneBuild.Runtime.Text;

/// <summary>One cached tensor of a layer, [1, heads, positions, head size].</summary>
/// <param name="Past">Name of the input.</param>
/// <param name="Present">Name of the output.</param>
/// <param name="Heads">Of keys and values.</param>
/// <param name="HeadSize">Features of a head.</param>
/// <param name="Type">Float or Float16.</param>
internal sealed record CachedTensor(string Past, string Present, int Heads, int HeadSize, TensorElementType Type)
{
    public int ElementBytes => Type == TensorElementType.Float ? sizeof(float) : sizeof(ushort);

    public int PositionBytes => HeadSize * ElementBytes;
}

/// <summary>The inputs and outputs of a language model, by the names that exporters give them.</summary>
internal sealed partial record DecoderSignature
{
    private const string ShortTextsKey = "prunebuild.short_texts";

    private static readonly string[] PresentPrefixes = ["present", "present_key_values"];

    /// <summary>The input of token ids, [1, tokens].</summary>
    public required string Ids { get; init; }

    /// <summary>The input that is 1 for every token there is, [1, positions], or null.</summary>
    public string? Mask { get; init; }

    /// <summary>The input of positions, [1, tokens], or null.</summary>
    public string? Positions { get; init; }

    /// <summary>The output, [1, tokens, vocabulary].</summary>
    public required string Logits { get; init; }

    /// <summary>Float or Float16.</summary>
    public required TensorElementType LogitsType { get; init; }

    /// <summary>Logits of a token.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Keys and values of all layers; none where the model reads the whole text every time.</summary>
    public required IReadOnlyList<CachedTensor> Cache { get; init; }

    /// <summary>
    /// Tokens of the longest text that is read as a short one, or null where all are read alike. A text is long where the mask is wider, and what
    /// is cached of a short one does not serve it.
    /// </summary>
    public int? ShortTexts { get; init; }

    /// <summary>Reads the signature of an open model.</summary>
    /// <exception cref="EdgeModelException">PB6116: it is not that of a language model.</exception>
    public static DecoderSignature Of(InferenceSession session)
    {
        var inputs = session.InputMetadata;
        var cache = inputs.Keys.Where(name => Past().IsMatch(name)).Select(name => Cached(session, name)).ToList();
        var others = inputs.Where(input => !Past().IsMatch(input.Key)).ToList();
        var mask = others.Select(input => input.Key).FirstOrDefault(name => name == "attention_mask");
        var positions = others.Select(input => input.Key).FirstOrDefault(name => name == "position_ids");
        var rest = others.Where(input => input.Key != mask && input.Key != positions).ToList();
        if (rest.Count != 1 || rest[0].Value.Dimensions.Length != 2 || others.Any(input => input.Value.ElementDataType != TensorElementType.Int64))
            throw Not($"besides a cache it takes {string.Join(", ", others.Select(input => $"{input.Key} ({input.Value.ElementDataType})"))}; token ids of Int64, [1, tokens], and perhaps attention_mask and position_ids are expected");
        var name = session.OutputNames.FirstOrDefault(output => output == "logits") ?? session.OutputNames[0];
        var logits = session.OutputMetadata[name];
        if (logits.Dimensions.Length != 3 || logits.ElementDataType is not (TensorElementType.Float or TensorElementType.Float16))
            throw Not($"its output {name} is not logits of floats, [1, tokens, vocabulary]");
        return new()
        {
            Ids = rest[0].Key, Mask = mask, Positions = positions, Logits = name, LogitsType = logits.ElementDataType, Cache = cache,
            ShortTexts = mask is not null && session.ModelMetadata.CustomMetadataMap.TryGetValue(ShortTextsKey, out var count)
                && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var shortTexts) ? shortTexts : null,
            Vocabulary = logits.Dimensions[2] is > 0 and var size ? size : throw Not($"its output {name} does not say how large the vocabulary is"),
        };
    }

    private static CachedTensor Cached(InferenceSession session, string past)
    {
        var parts = Past().Match(past).Groups;
        var present = PresentPrefixes.Select(prefix => $"{prefix}.{parts["layer"]}.{parts["kind"]}").FirstOrDefault(session.OutputMetadata.ContainsKey)
            ?? throw Not($"there is no output for the cache of {past}");
        var metadata = session.InputMetadata[past];
        return metadata.Dimensions is [_, > 0 and var heads, _, > 0 and var size] && metadata.ElementDataType is (TensorElementType.Float or TensorElementType.Float16)
            ? new(past, present, heads, size, metadata.ElementDataType)
            : throw Not($"{past} is not a cache of floats, [1, heads, positions, head size]");
    }

    private static EdgeModelException Not(string reason) => new(EdgeModelException.NotALanguageModel, $"The model is not a language model that can be continued: {reason}.");

    [GeneratedRegex(@"^past(_key_values)?\.(?<layer>\d+)\.(?<kind>key|value)$")]
    private static partial Regex Past();
}
