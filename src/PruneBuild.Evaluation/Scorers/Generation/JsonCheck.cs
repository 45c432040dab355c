using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The output is JSON and nothing else (RFC 8259).</summary>
internal sealed class JsonCheck : GenerationCheck
{
    public override PathUse Path => PathUse.None;

    /// <exception cref="PruneBuildException">PB1011.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly();
        return new JsonCheck();
    }

    public override Score Measure(CheckedOutput output) => Score.Of(StrictJson.Parse(output.Text) is not null);
}
