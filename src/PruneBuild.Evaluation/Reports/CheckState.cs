namespace PruneBuild.Evaluation.Reports;

/// <summary>How a result of the gate is shown. Results that this version does not know keep their name and are shown as undecided.</summary>
/// <param name="Word">For people.</param>
/// <param name="Look">The CSS class: <c>good</c>, <c>unsure</c>, <c>bad</c> or <c>neutral</c>.</param>
/// <param name="Rank">Larger is worse.</param>
internal sealed record CheckState(string Word, string Look, int Rank)
{
    private static readonly Dictionary<string, CheckState> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["pass"] = new("cleared", "good", 0),
        ["waived"] = new("waived", "unsure", 2),
        ["notMeasured"] = new("not measured", "neutral", 3),
        ["inconclusive"] = new("inconclusive", "unsure", 4),
        ["fail"] = new("missed", "bad", 5),
        ["judgeInvalid"] = new("judge invalid", "bad", 6),
        ["error"] = new("error", "bad", 7),
    };

    /// <summary>The state of a result as <c>verdict.json</c> names it.</summary>
    public static CheckState Of(string result) =>
        Known.TryGetValue(result, out var state) ? state : new CheckState(Phrase.FromCamelCase(result), "neutral", 1);
}
