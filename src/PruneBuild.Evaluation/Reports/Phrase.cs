using System.Globalization;
using System.Text;

namespace PruneBuild.Evaluation.Reports;

/// <summary>Numbers and names as reports print them, the same in every culture.</summary>
internal static class Phrase
{
    private const string Missing = "–";

    /// <summary><c>notMeasured</c> becomes <c>not measured</c>.</summary>
    public static string FromCamelCase(string name)
    {
        var words = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && words.Length > 0) words.Append(' ');
            words.Append(char.ToLowerInvariant(letter));
        }
        return words.ToString();
    }

    /// <summary>A fraction as a percentage.</summary>
    public static string Percent(double share) => double.IsFinite(share) ? Text(share * 100, "0.00") + " %" : Missing;

    /// <summary>A difference of fractions in percentage points, with its sign.</summary>
    public static string Points(double difference) => Signed(difference * 100, "0.00");

    /// <summary>A difference with its sign.</summary>
    public static string Change(double difference) => Signed(difference, "0.00##");

    /// <summary>A whole number with thousands separated.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: <c>1 floor</c>, <c>2 floors</c>.</summary>
    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>Bytes in decimal units.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => Text(bytes / 1e3, "0.0") + " kB",
        < 1_000_000_000 => Text(bytes / 1e6, "0.00") + " MB",
        _ => Text(bytes / 1e9, "0.00") + " GB",
    };

    /// <summary>A time.</summary>
    public static string Microseconds(double microseconds) => microseconds switch
    {
        < 1_000 => Text(microseconds, "0.0") + " µs",
        < 1_000_000 => Text(microseconds / 1e3, "0.00") + " ms",
        _ => Text(microseconds / 1e6, "0.00") + " s",
    };

    /// <summary>A factor: <c>15.5</c>.</summary>
    public static string Factor(double factor) => Text(factor, "0.0#");

    /// <summary>A number with four significant decimals, or a dash.</summary>
    public static string Number(double? number) => number is { } value && double.IsFinite(value) ? Text(value, "0.####") : Missing;

    /// <summary>The beginning of a text that may be long.</summary>
    public static string Shorten(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");

    private static string Signed(double value, string format)
    {
        if (!double.IsFinite(value)) return Missing;
        var text = Text(Math.Abs(value), format);
        return (text == Text(0, format) ? "±" : value < 0 ? "−" : "+") + text;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
