using System.Globalization;

namespace PruneBuild.Pipeline;

/// <summary>Tables for a spreadsheet, as RFC 4180 has them.</summary>
internal static class Csv
{
    /// <summary>Writes a table; null is an empty cell.</summary>
    public static void Save(string path, string header, IEnumerable<object?[]> rows) =>
        File.WriteAllText(path, string.Concat(rows.Select(row => string.Join(',', row.Select(Cell)) + "\n").Prepend(header + "\n")));

    /// <summary>Cells with commas, quotes or line ends are quoted.</summary>
    private static string Cell(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
