using System.Text.Json;

namespace PruneBuild.Runtime.Text;

/// <summary>What <c>tokenizer_config.json</c> says.</summary>
internal sealed record TokenizerSettings
{
    private const string FileName = "tokenizer_config.json";

    /// <summary>The token that begins a text.</summary>
    public string? Begin { get; private init; }

    /// <summary>The token that ends a text.</summary>
    public string? End { get; private init; }

    /// <summary>Whether the first goes before every text, as far as that is said.</summary>
    public bool? AddBegin { get; private init; }

    /// <summary>Whether the second goes behind every text.</summary>
    public bool? AddEnd { get; private init; }

    /// <summary>Most tokens of a text.</summary>
    public int? ContextLength { get; private init; }

    /// <summary>Special tokens by name, for templates: <c>bos_token</c> and so on.</summary>
    public required IReadOnlyDictionary<string, string> SpecialTokens { get; init; }

    /// <summary>The chat templates by name; one alone is called <c>default</c>.</summary>
    public required IReadOnlyDictionary<string, string> ChatTemplates { get; init; }

    /// <summary>Tokens that are added to the vocabulary of <c>tokenizer.model</c>, and whether they are special.</summary>
    public required IReadOnlyDictionary<string, (int Id, bool IsSpecial)> AddedTokens { get; init; }

    /// <summary>Reads the file; without one nothing is said.</summary>
    /// <exception cref="EdgeModelException">PB6110: it is no JSON object.</exception>
    public static TokenizerSettings Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using var document = File.Exists(path) ? TokenizerFile.Parse(path) : JsonDocument.Parse("{}");
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw TokenizerFile.Invalid(path, "a JSON object is expected");
        var special = root.EnumerateObject().Where(entry => entry.Name.EndsWith("_token", StringComparison.Ordinal) && Text(entry.Value) is not null)
            .ToDictionary(entry => entry.Name, entry => Text(entry.Value)!, StringComparer.Ordinal);
        return new()
        {
            Begin = special.GetValueOrDefault("bos_token"),
            End = special.GetValueOrDefault("eos_token"),
            AddBegin = Flag(root, "add_bos_token"),
            AddEnd = Flag(root, "add_eos_token"),
            // Without a limit some tokenizers say 10³⁰.
            ContextLength = root.TryGetProperty("model_max_length", out var length) && length.ValueKind == JsonValueKind.Number
                && length.TryGetDouble(out var number) && number is >= 1 and <= 1 << 24 ? (int)number : null,
            SpecialTokens = special,
            ChatTemplates = Templates(root),
            AddedTokens = Added(root),
        };
    }

    private static Dictionary<string, string> Templates(JsonElement root)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!root.TryGetProperty("chat_template", out var value))
            return templates;
        if (value.ValueKind == JsonValueKind.String)
            templates["default"] = value.GetString()!;
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var entry in value.EnumerateArray())
                if (entry.ValueKind == JsonValueKind.Object && TokenizerParts.Text(entry, "name") is { } name && TokenizerParts.Text(entry, "template") is { } template)
                    templates[name] = template;
        return templates;
    }

    private static Dictionary<string, (int Id, bool IsSpecial)> Added(JsonElement root)
    {
        var added = new Dictionary<string, (int Id, bool IsSpecial)>(StringComparer.Ordinal);
        if (root.TryGetProperty("added_tokens_decoder", out var tokens) && tokens.ValueKind == JsonValueKind.Object)
            foreach (var token in tokens.EnumerateObject())
                if (token.Value.ValueKind == JsonValueKind.Object && int.TryParse(token.Name, out var id) && Text(token.Value) is { } content)
                    added[content] = (id, Flag(token.Value, "special") ?? false);
        return added;
    }

    private static string? Text(JsonElement token) => token.ValueKind == JsonValueKind.String ? token.GetString()
        : token.ValueKind == JsonValueKind.Object ? TokenizerParts.Text(token, "content") : null;

    private static bool? Flag(JsonElement parent, string key) => parent.TryGetProperty(key, out var value)
        ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null } : null;
}
