using System.Globalization;
using System.Text.RegularExpressions;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The output is a number, or its first or last number is, at most <c>tolerance</c> (or <c>relativeTolerance</c> × |value|) from the
/// value. The decimal sign is a period; commas between digits are skipped.
/// </summary>
internal sealed partial class NumericCheck(double value, double tolerance, NumericCheck.Place place) : GenerationCheck
{
    /// <summary>Which number of the output counts.</summary>
    internal enum Place
    {
        /// <summary>The output is one number.</summary>
        Whole,

        /// <summary>The first number in it.</summary>
        First,

        /// <summary>The last number in it, as in GSM8K.</summary>
        Last,
    }

    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("value", "tolerance", "relativeTolerance", "extract");
        var value = source.Json.Number("value");
        var place = source.Json.Has("extract")
            ? source.Json.OneOf("extract", ("whole", Place.Whole), ("first", Place.First), ("last", Place.Last))
            : Place.Whole;
        var tolerance = Math.Max(source.NonNegative("tolerance") ?? 0, (source.NonNegative("relativeTolerance") ?? 0) * Math.Abs(value));
        return new NumericCheck(value, tolerance, place);
    }

    public override Score Measure(CheckedOutput output) =>
        Score.Of(Find(output.Text) is { } number && Math.Abs(number - value) <= tolerance);

    private double? Find(string text)
    {
        if (place == Place.Whole) text = text.Trim();
        var found = default(ValueMatch);
        foreach (var match in Number().EnumerateMatches(text))
        {
            found = match;
            if (place != Place.Last) break;
        }
        var isFound = found.Length > 0 && (place != Place.Whole || found.Length == text.Length);
        return !isFound ? null : Value(text.AsSpan(found.Index, found.Length));
    }

    private static double? Value(ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    [GeneratedRegex(@"[-+]?(?:[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
