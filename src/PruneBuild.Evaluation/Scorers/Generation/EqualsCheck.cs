using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The output is the value: a string character by character, without white space at its ends; any other JSON value by value.</summary>
internal sealed class EqualsCheck(JToken value, StringComparison comparison) : GenerationCheck
{
    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("value");
        return new EqualsCheck(source.Json.Required("value"), source.Comparison);
    }

    public override Score Measure(CheckedOutput output)
    {
        // A part that was chosen by a path has a type: the number 5 is not the text "5".
        var isText = value.Type == JTokenType.String && output.Part is null or { Type: JTokenType.String };
        if (isText) return Score.Of(string.Equals(output.Text.Trim(), ((string)value!).Trim(), comparison));
        return Score.Of(output.Json is { } written && JsonEquality.AreEqual(written, value));
    }
}
