using System.Text.RegularExpressions;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The output has a match of a regular expression without backtracking; anchors make it a match of the whole.</summary>
internal sealed class RegexCheck(Regex pattern) : GenerationCheck
{
    /// <exception cref="PruneBuildException">PB1011 to PB1013, PB1070.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("pattern");
        return new RegexCheck(SafePattern.Parse(source.Json.Text("pattern"), source.IgnoreCase, source.Json.LocationOf("pattern")));
    }

    public override Score Measure(CheckedOutput output) => Score.Of(pattern.IsMatch(output.Text));
}
