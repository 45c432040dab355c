using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>An object of a JSON file in a model's folder, read key by key; every failure points at the value at fault. Other keys are ignored.</summary>
internal sealed class FolderJson
{
    private const long MostBytes = 100_000_000;
    private const int MostDepth = 64;

    private readonly byte[] text;
    private readonly JsonElement json;
    private readonly string[] path;

    private FolderJson(string file, byte[] text, JsonElement json, string[] path) => (File, this.text, this.json, this.path) = (file, text, json, path);

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>The object's keys, in file order.</summary>
    public IEnumerable<string> Keys => json.EnumerateObject().Select(property => property.Name);

    /// <summary>Reads the object in a file.</summary>
    /// <exception cref="PruneBuildException">PB1010 where it stops being JSON. PB2013: it cannot be read.</exception>
    public static FolderJson Load(string file)
    {
        try
        {
            if (new FileInfo(file).Length is var length and > MostBytes)
                throw new PruneBuildException("PB1010", $"the file has {length} bytes, more than {MostBytes}.").At(file);
            var text = System.IO.File.ReadAllBytes(file);
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MostDepth, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new FolderJson(file, text, document.RootElement.Clone(), [])
                : throw new PruneBuildException("PB1010", "An object is expected.").At(file, 1, 1);
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(
                Diagnostic.Create("PB1010", Severity.Error, exception.Message).At(file, (int)(exception.LineNumber ?? 0) + 1, (int)(exception.BytePositionInLine ?? 0) + 1), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB2013", file, exception.Message).At(file);
        }
    }

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The value of a key, or null where it is missing or null.</summary>
    public JsonElement? Value(string key) => Has(key) ? json.GetProperty(key) : null;

    /// <summary>An object inside this one, or null where it is missing or null.</summary>
    public FolderJson? Section(string key) => Value(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new FolderJson(File, text, value, [.. path, key]) : throw Invalid(key, "an object is expected");

    /// <summary>A whole number.</summary>
    /// <exception cref="PruneBuildException">PB1013: there is none. PB1012: it is something else, or outside of 1 to <paramref name="max"/>.</exception>
    public int Count(string key, int max) => Required(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number >= 1 && number <= max
        ? number : throw Invalid(key, $"a whole number from 1 to {max} is expected");

    /// <summary>A whole number, or what stands for a missing one.</summary>
    public int Count(string key, int max, int missing) => Has(key) ? Count(key, max) : missing;

    /// <summary>A number above zero.</summary>
    public double Number(string key) => Required(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && number > 0 && double.IsFinite(number)
        ? number : throw Invalid(key, "a number above 0 is expected");

    /// <summary>A number above zero, or what stands for a missing one.</summary>
    public double Number(string key, double missing) => Has(key) ? Number(key) : missing;

    /// <summary>A list of numbers above zero.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="count">How many there must be.</param>
    public double[] Numbers(string key, int count)
    {
        var list = Required(key);
        double[] numbers = list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out var number) ? number : double.NaN)] : [];
        return numbers.Length == count && numbers.All(number => number > 0 && double.IsFinite(number))
            ? numbers : throw Invalid(key, $"a list of {count} numbers above 0 is expected");
    }

    /// <summary>A text.</summary>
    public string Text(string key) => Required(key) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Invalid(key, "a text is expected");

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool missing) => !Has(key) ? missing
        : Required(key).ValueKind is JsonValueKind.True or JsonValueKind.False ? Required(key).GetBoolean() : throw Invalid(key, "true or false is expected");

    /// <summary>A PB1012 at a value.</summary>
    public PruneBuildException Invalid(string key, string reason) => Error(key, "PB1012", Quoted(key), key, reason);

    /// <summary>A PB2028 at a value: it is known, and not supported.</summary>
    public PruneBuildException Unsupported(string key, string reason) => Error(key, "PB2028", key, Quoted(key), reason);

    /// <summary>A failure at the value of a key, or at the file where there is none.</summary>
    public PruneBuildException Error(string key, string code, params object?[] arguments)
    {
        var (line, column) = Locate(key);
        return new PruneBuildException(code, arguments).At(File, line, column);
    }

    private JsonElement Required(string key) => Value(key) ?? throw Error(key, "PB1013", key);

    private string Quoted(string key)
    {
        const int most = 60;
        var value = Required(key) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : Required(key).GetRawText();
        return value.Length > most ? string.Concat(value.AsSpan(0, most), "…") : value;
    }

    /// <summary>Line and column of the value of a key, from 1; zeros where there is none.</summary>
    private (int Line, int Column) Locate(string key)
    {
        if (!json.TryGetProperty(key, out _))
            return (0, 0);
        string[] wanted = [.. path, key];
        var found = 0;
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MostDepth });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != found + 1)
                continue;
            var matches = reader.ValueTextEquals(wanted[found]);
            reader.Read();
            if (matches && ++found == wanted.Length)
            {
                var before = text.AsSpan(0, (int)reader.TokenStartIndex);
                return (before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            }
            if (!matches)
                reader.Skip();
        }
        return (0, 0);
    }
}
