using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The output contains a text, all of several, or any of them.</summary>
internal sealed class ContainsCheck(string[] values, bool all, StringComparison comparison) : GenerationCheck
{
    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck ParseOne(CheckSource source)
    {
        source.AllowOnly("value");
        return new ContainsCheck([source.Json.Text("value")], true, source.Comparison);
    }

    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck ParseAll(CheckSource source) => ParseSeveral(source, true);

    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck ParseAny(CheckSource source) => ParseSeveral(source, false);

    public override Score Measure(CheckedOutput output) => Score.Of(all
        ? values.All(value => output.Text.Contains(value, comparison))
        : values.Any(value => output.Text.Contains(value, comparison)));

    private static ContainsCheck ParseSeveral(CheckSource source, bool all)
    {
        source.AllowOnly("values");
        return new ContainsCheck(source.Texts("values"), all, source.Comparison);
    }
}
