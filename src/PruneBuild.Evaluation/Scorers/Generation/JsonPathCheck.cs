using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The output is JSON that has something at a path, and with <c>value</c> that it is this.</summary>
internal sealed class JsonPathCheck(JsonPath path, JToken? value) : GenerationCheck
{
    public override PathUse Path => PathUse.IsTheCheck;

    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("value");
        return new JsonPathCheck(JsonPath.Parse(source.Json), source.Json.Has("value") ? source.Json.Required("value") : null);
    }

    public override Score Measure(CheckedOutput output) =>
        Score.Of(path.Find(output.Text) is { } found && (value is null || JsonEquality.AreEqual(found, value)));
}
