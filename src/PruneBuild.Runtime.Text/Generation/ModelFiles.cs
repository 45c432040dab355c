using System.Text.Json;

namespace PruneBuild.Runtime.Text;

/// <summary>What the JSON files beside a model say about generation with it; of each the first file that says something counts.</summary>
internal sealed record ModelFiles
{
    private static readonly string[] ContextKeys = ["max_position_embeddings", "n_positions"];

    /// <summary>The model, when <c>genai_config.json</c> names it.</summary>
    public string? ModelFile { get; private init; }

    /// <summary>Most tokens of a text.</summary>
    public int? ContextLength { get; private init; }

    /// <summary>Tokens that end a text.</summary>
    public required IReadOnlyList<int> EndTokens { get; init; }

    /// <summary>Whether the model appends to its cache in place.</summary>
    public bool? InPlace { get; private init; }

    /// <summary>How its makers sample.</summary>
    public required GenerationOptions Options { get; init; }

    /// <summary>Reads <c>genai_config.json</c>, <c>generation_config.json</c> and <c>config.json</c>, as far as they are there.</summary>
    /// <param name="folders">Where they are looked for, in this order: the model's, and perhaps that of its tokenizer.</param>
    /// <exception cref="EdgeModelException">PB6116: one is not JSON, or a value is impossible.</exception>
    public static ModelFiles Read(params IReadOnlyList<string> folders)
    {
        using var genAi = Load(folders, "genai_config.json");
        using var generation = Load(folders, "generation_config.json");
        using var config = Load(folders, "config.json");
        var (runtime, made, model) = (Section(Root(genAi), "model"), Root(generation), Root(config));
        var search = Section(Root(genAi), "search");
        var context = Integer(runtime, "context_length") ?? ContextKeys.Select(key => Integer(model, key)).FirstOrDefault(value => value is not null);
        return new()
        {
            ModelFile = Value(Section(runtime, "decoder"), "filename", JsonValueKind.String)?.GetString(),
            ContextLength = context is null or > 0 ? context : throw new EdgeModelException(EdgeModelException.NotALanguageModel, $"{folders[0]}: a context of {context} tokens is impossible."),
            EndTokens = EndTokensOf(made) ?? EndTokensOf(runtime) ?? EndTokensOf(model) ?? [],
            InPlace = Flag(search, "past_present_share_buffer"),
            Options = OptionsOf(made is null ? search : made),
        };
    }

    private static GenerationOptions OptionsOf(JsonElement? search) => Flag(search, "do_sample") != true ? new() : new()
    {
        Temperature = Number(search, "temperature") ?? 1,
        TopK = Integer(search, "top_k") ?? 50,
        TopP = Number(search, "top_p") ?? 1,
        RepetitionPenalty = Number(search, "repetition_penalty") ?? 1,
    };

    private static List<int>? EndTokensOf(JsonElement? section) => Value(section, "eos_token_id") switch
    {
        { ValueKind: JsonValueKind.Number } one when one.TryGetInt32(out var token) => [token],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var token) ? token : -1).Where(token => token >= 0)],
        _ => null,
    };

    private static JsonDocument? Load(IReadOnlyList<string> folders, string name)
    {
        if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } path)
            return null;
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException exception)
        {
            throw new EdgeModelException(EdgeModelException.NotALanguageModel, $"{path}({exception.LineNumber + 1}): it is not JSON: {exception.Message}", exception);
        }
    }

    private static JsonElement? Root(JsonDocument? document) => document?.RootElement is { ValueKind: JsonValueKind.Object } root ? root : null;

    private static JsonElement? Section(JsonElement? parent, string key) => Value(parent, key, JsonValueKind.Object);

    private static JsonElement? Value(JsonElement? parent, string key) => parent is { } section && section.TryGetProperty(key, out var value) ? value : null;

    private static JsonElement? Value(JsonElement? parent, string key, JsonValueKind kind) => Value(parent, key) is { } value && value.ValueKind == kind ? value : null;

    private static bool? Flag(JsonElement? parent, string key) => Value(parent, key) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    private static int? Integer(JsonElement? parent, string key) => Value(parent, key, JsonValueKind.Number) is { } value && value.TryGetInt32(out var number) ? number : null;

    private static float? Number(JsonElement? parent, string key) => Value(parent, key, JsonValueKind.Number)?.GetSingle();
}
