using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// How a scorer's number becomes 0 to 1: <paramref name="ZeroAt"/> and what lies beyond it is 0, <paramref name="OneAt"/> and beyond
/// is 1.
/// </summary>
/// <param name="ZeroAt">The number that is worth 0.</param>
/// <param name="OneAt">The number that is worth 1; above or below the other.</param>
/// <param name="IsLogarithmic">Whether equal ratios between the two count the same, instead of equal differences; both are above 0.</param>
public sealed record ScoreMap(double ZeroAt, double OneAt, bool IsLogarithmic)
{
    /// <summary>Maps a score; one that is not measured stays so.</summary>
    public Score Apply(Score score)
    {
        if (score.Value is not { } value) return score;
        if (!IsLogarithmic) return Score.Of(Math.Clamp((value - ZeroAt) / (OneAt - ZeroAt), 0, 1));
        // A duration or a size of 0 is better or worse than any other, whichever end is the good one.
        if (value <= 0) return Score.Of(OneAt < ZeroAt);
        return Score.Of(Math.Clamp(Math.Log(value / ZeroAt) / Math.Log(OneAt / ZeroAt), 0, 1));
    }

    /// <summary>
    /// Reads <c>zeroAt</c> and <c>oneAt</c> (linear), or <c>limit</c> and <c>target</c> (worth 0 and 1, logarithmic, for latency and
    /// cost); null without any of them.
    /// </summary>
    /// <exception cref="PruneBuildException">PB1012 or PB1013 at the key at fault.</exception>
    internal static ScoreMap? Parse(JsonSection json)
    {
        var isLogarithmic = json.Has("target") || json.Has("limit");
        if (json.Has("zeroAt") || json.Has("oneAt"))
        {
            if (isLogarithmic) throw json.Invalid(json.Has("target") ? "target" : "limit", "not together with zeroAt and oneAt");
            var linear = new ScoreMap(json.Number("zeroAt"), json.Number("oneAt"), false);
            return linear.ZeroAt == linear.OneAt ? throw json.Invalid("oneAt", "another number than zeroAt is expected") : linear;
        }
        if (!isLogarithmic) return null;
        var logarithmic = new ScoreMap(Positive(json, "limit"), Positive(json, "target"), true);
        return logarithmic.ZeroAt == logarithmic.OneAt ? throw json.Invalid("target", "another number than limit is expected") : logarithmic;
    }

    private static double Positive(JsonSection json, string key) =>
        json.Number(key) is > 0 and var number ? number : throw json.Invalid(key, "a number above 0 is expected");
}
