using System.Text.RegularExpressions;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>Regular expressions whose time is in proportion to the text, whatever a model writes.</summary>
internal static class SafePattern
{
    /// <summary>The expression without backtracking, letters compared without a culture.</summary>
    /// <exception cref="PruneBuildException">PB1070 at <paramref name="location"/> when it is malformed, or needs backtracking: look-around,
    /// back-references, atomic groups.</exception>
    public static Regex Parse(string pattern, bool ignoreCase, SourceLocation location)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw location.Error("PB1070", pattern, exception.Message);
        }
    }
}
