using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>One line of a JSONL file: a strict JSON object (RFC 8259, no key twice, at most 64 levels) whose values know their columns.</summary>
internal sealed class CaseLine : IDisposable
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly JsonDocument _document;
    private readonly ReadOnlyMemory<byte> _text;
    private readonly Dictionary<string, int> _offsets = new(StringComparer.Ordinal);
    private readonly string _file;
    private readonly int _line;

    private CaseLine(JsonDocument document, ReadOnlyMemory<byte> text, string file, int line)
    {
        (_document, _text, _file, _line) = (document, text, file, line);
        var reader = new Utf8JsonReader(text.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            _offsets[name] = (int)reader.TokenStartIndex;
            reader.Skip();
        }
    }

    public JsonElement Json => _document.RootElement;

    /// <summary>Where the object starts.</summary>
    public SourceLocation Start => At(_text.Span.IndexOf((byte)'{'));

    /// <summary>Parses a line.</summary>
    /// <exception cref="PruneBuildException">PB1061 bytes that are no UTF-8, PB1010 anything but one object.</exception>
    public static CaseLine Parse(ReadOnlyMemory<byte> text, string file, int line)
    {
        RefuseOtherEncodings(text.Span, file, line);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, Strict);
        }
        catch (JsonException exception)
        {
            var column = Column(text.Span, (int)(exception.BytePositionInLine ?? 0));
            throw new PruneBuildException(Diagnostic.Create("PB1010", Severity.Error, Sentence(exception)).At(file, line, column), exception);
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object && HasOnlyWholeCharacters(document.RootElement))
            return new CaseLine(document, text, file, line);
        var sentence = document.RootElement.ValueKind == JsonValueKind.Object ? "A string holds half a character." : "An object is expected on every line.";
        document.Dispose();
        throw new SourceLocation(file, line, 1).Error("PB1010", sentence);
    }

    /// <summary>Where the value of a key starts.</summary>
    public SourceLocation LocationOf(string key) => At(_offsets[key]);

    /// <summary>A value that is a string which is not empty; null for anything else.</summary>
    public string? Text(string key) =>
        Json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    public void Dispose() => _document.Dispose();

    private SourceLocation At(int offset) => new(_file, _line, Column(_text.Span, offset));

    private static int Column(ReadOnlySpan<byte> text, int offset) => Encoding.UTF8.GetCharCount(text[..Math.Clamp(offset, 0, text.Length)]) + 1;

    private static void RefuseOtherEncodings(ReadOnlySpan<byte> text, string file, int line)
    {
        if (Utf8.IsValid(text)) return;
        var offset = 0;
        while (Rune.DecodeFromUtf8(text[offset..], out _, out var length) == System.Buffers.OperationStatus.Done) offset += length;
        throw new SourceLocation(file, line, Column(text, offset)).Error("PB1061", $"0x{text[offset]:X2}");
    }

    // A lone surrogate can be escaped in JSON, and is no text.
    private static bool HasOnlyWholeCharacters(JsonElement json)
    {
        try
        {
            CheckStrings(json);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void CheckStrings(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String) json.GetString();
        else if (json.ValueKind == JsonValueKind.Array) foreach (var item in json.EnumerateArray()) CheckStrings(item);
        else if (json.ValueKind == JsonValueKind.Object) foreach (var property in json.EnumerateObject()) { _ = property.Name; CheckStrings(property.Value); }
    }

    private static string Sentence(JsonException exception)
    {
        // The position is in the diagnostic already.
        var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
