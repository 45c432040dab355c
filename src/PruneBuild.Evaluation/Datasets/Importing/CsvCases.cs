using System.Globalization;
using System.Text;
using nietras.SeparatedValues;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Cases from a file of separated values with a header (RFC 4180, UTF-8). The separator is found in the header.</summary>
internal static class CsvCases
{
    /// <exception cref="PruneBuildException">PB1065 a column is missing, PB1064 rows of another width or broken quotes, PB1061 no UTF-8,
    /// PB1012 a number is expected, PB1034 an id twice: each at its line.</exception>
    public static void Import(string file, ImportMapping mapping, CaseWriter writer)
    {
        try
        {
            // A stream that throws instead of inventing replacement characters.
            using var text = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
            using var reader = Sep.Reader(options => options with { Unescape = true }).From(text);
            var column = new Columns(reader.Header, file);
            var (id, label, slice) = (column.Optional(mapping.Id), column.Optional(mapping.Label), column.Optional(mapping.Slice));
            int[] inputs = [.. mapping.Input.Select(column.Required)];
            foreach (var row in reader)
            {
                var at = new SourceLocation(file, row.LineNumberFrom, 1);
                string[] input = new string[inputs.Length];
                for (var i = 0; i < inputs.Length; i++) input[i] = row[inputs[i]].ToString();
                writer.Write(
                    id is { } idColumn ? row[idColumn].ToString() : ImportedId.Of(file, row.RowIndex),
                    slice is { } sliceColumn ? row[sliceColumn].ToString() : mapping.DefaultSlice,
                    json =>
                    {
                        if (input.Length == 1)
                        {
                            json.WriteStringValue(input[0]);
                            return;
                        }
                        json.WriteStartArray();
                        for (var i = 0; i < input.Length; i++) json.WriteNumberValue(Number(input[i], mapping.Input[i], at));
                        json.WriteEndArray();
                    },
                    label is { } labelColumn ? row[labelColumn].ToString() : null,
                    at);
            }
        }
        catch (DecoderFallbackException exception)
        {
            throw new SourceLocation(file, 0, 0).Error("PB1061", exception.BytesUnknown is { Length: > 0 } bytes ? $"0x{bytes[0]:X2}" : "?");
        }
        catch (InvalidDataException exception)
        {
            throw new SourceLocation(file, LineOf(exception.Message), 1).Error("PB1064", Path.GetFileName(file), exception.Message.ReplaceLineEndings(" "));
        }
    }

    private static double Number(string text, string column, SourceLocation at) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw at.Error("PB1012", text, column, "a number is expected, since the input has several columns");

    // "Found 2 column(s) on row 3/lines [4..5]:'…': the first of the lines.
    private static int LineOf(string message)
    {
        var start = message.IndexOf("lines [", StringComparison.Ordinal);
        if (start < 0) return 0;
        var digits = message.AsSpan(start + "lines [".Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(digits[..Math.Max(0, end)], NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : 0;
    }

    private sealed class Columns(SepReaderHeader header, string file)
    {
        public int Required(string name) =>
            header.TryIndexOf(name, out var index) ? index : throw new SourceLocation(file, 1, 1).Error("PB1065", name, string.Join(", ", header.ColNames));

        public int? Optional(string? name) => name is null ? null : Required(name);
    }
}
