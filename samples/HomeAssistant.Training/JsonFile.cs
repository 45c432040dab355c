using System.Text.Encodings.Web;
using System.Text.Json;

namespace HomeAssistant.Training;

/// <summary>JSON files with the same bytes on every machine.</summary>
internal static class JsonFile
{
    private static readonly JsonWriterOptions Pretty = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A file with one indented object.</summary>
    public static void Write(string file, Action<Utf8JsonWriter> content)
    {
        using var stream = File.Create(file);
        Write(stream, Pretty, content);
    }

    /// <summary>A file with an object a line.</summary>
    public static void WriteLines<T>(string file, IEnumerable<T> items, Action<Utf8JsonWriter, T> content)
    {
        using var stream = File.Create(file);
        foreach (var item in items)
            Write(stream, Compact, json => content(json, item));
    }

    private static void Write(Stream stream, JsonWriterOptions options, Action<Utf8JsonWriter> content)
    {
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    public static void Strings(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
