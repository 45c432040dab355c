using System.Text.Encodings.Web;
using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Writes cases as JSON lines: keys in the order id, slice, input, label; labels that are whole numbers as such.</summary>
/// <param name="stream">Where they go.</param>
internal sealed class CaseWriter(Stream stream)
{
    private static readonly byte[] NewLine = [(byte)'\n'];

    // Lines are read by people: only what JSON demands is escaped.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Number of cases written.</summary>
    public int Count => _ids.Count;

    /// <summary>Writes one case.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="slice">Its slice.</param>
    /// <param name="writeInput">Writes the value of the input.</param>
    /// <param name="label">Its label, or null.</param>
    /// <param name="at">Where it is in the source.</param>
    /// <exception cref="PruneBuildException">PB1012 no id or no slice, PB1034 an id twice.</exception>
    public void Write(string id, string slice, Action<Utf8JsonWriter> writeInput, string? label, SourceLocation at)
    {
        if (id.Length == 0) throw at.Error("PB1012", id, "id", "a text that is not empty is expected");
        if (!SliceName.IsValid(slice)) throw at.Error("PB1012", slice, "slice", SliceName.Expected);
        if (!_ids.Add(id)) throw at.Error("PB1034", id);
        using (var json = new Utf8JsonWriter(stream, Readable))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("slice", slice);
            json.WritePropertyName("input");
            writeInput(json);
            if (int.TryParse(label, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)) json.WriteNumber("label", number);
            else if (label is not null) json.WriteString("label", label);
            json.WriteEndObject();
        }
        stream.Write(NewLine);
    }
}
