using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The output has from <c>min</c> to <c>max</c> characters (code points), or words that white space separates.</summary>
internal sealed class LengthCheck(bool words, int min, int max) : GenerationCheck
{
    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("unit", "min", "max");
        var words = source.Json.OneOf("unit", ("chars", false), ("words", true));
        if (!source.Json.Has("min") && !source.Json.Has("max")) throw source.Json.Location.Error("PB1013", "min");
        var min = source.Json.Has("min") ? source.Json.WholeNumber("min", 0, int.MaxValue) : 0;
        return new LengthCheck(words, min, source.Json.Has("max") ? source.Json.WholeNumber("max", min, int.MaxValue) : int.MaxValue);
    }

    public override Score Measure(CheckedOutput output)
    {
        var length = words ? Words(output.Text) : output.Text.EnumerateRunes().Count();
        return Score.Of(length >= min && length <= max);
    }

    private static int Words(string text)
    {
        var count = 0;
        var isInside = false;
        foreach (var character in text)
        {
            var isSpace = char.IsWhiteSpace(character);
            if (!isSpace && !isInside) count++;
            isInside = !isSpace;
        }
        return count;
    }
}
