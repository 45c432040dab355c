using Newtonsoft.Json.Linq;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Generation;

/// <summary>Expectations from JSON.</summary>
internal static class Checks
{
    public const string File = "cases.jsonl";

    public static Expectation Parse(string json, string folder = "/nowhere") =>
        Expectation.Parse(new JsonSection(LocatedJson.Parse(json, File), File), folder);

    /// <summary>The score of an output, and of the negated check that it is 1 minus that.</summary>
    public static double Score(string json, string output, params (string Name, string Arguments)[] calls)
    {
        var generation = new Evaluation.Scorers.Generation("case-1", output)
        {
            ToolCalls = [.. calls.Select(call => new ToolCall(call.Name, JObject.Parse(call.Arguments)))],
        };
        var score = Parse(json).Measure(generation).Value;
        Assert.NotNull(score);
        const string type = "\"type\":\"";
        Assert.Equal(1 - score, Parse(json.Insert(json.IndexOf(type, StringComparison.Ordinal) + type.Length, "not-")).Measure(generation).Value);
        return score.Value;
    }
}
