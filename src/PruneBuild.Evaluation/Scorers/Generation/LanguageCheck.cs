using System.Text;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// At least a share of the output's letters belongs to a script. This tells Russian from English and not Finnish from English: no
/// language is recognized, only what it is written in. Output without letters fails.
/// </summary>
internal sealed class LanguageCheck(WritingSystem script, double min) : GenerationCheck
{
    private const double DefaultShare = 0.9;

    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("script", "min");
        var script = source.Json.OneOf("script", [.. WritingSystem.All.Select(known => (known.Name, known))]);
        return new LanguageCheck(script, source.Json.Has("min") ? source.Json.Number("min", 0, 1) : DefaultShare);
    }

    public override Score Measure(CheckedOutput output)
    {
        long letters = 0, inside = 0;
        foreach (var rune in output.Text.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune)) continue;
            letters++;
            if (script.Contains(rune.Value)) inside++;
        }
        return Score.Of(letters > 0 && inside >= min * letters);
    }
}
