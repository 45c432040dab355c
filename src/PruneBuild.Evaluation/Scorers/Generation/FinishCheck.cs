using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>The text ended where the model or a stop text ended it (<c>stop</c>), or was cut off (<c>length</c>).</summary>
internal sealed class FinishCheck(TextEnd end) : GenerationCheck
{
    public override PathUse Path => PathUse.None;

    /// <exception cref="PruneBuildException">PB1011 to PB1013.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly("value");
        return new FinishCheck(source.Json.OneOf("value", ("stop", TextEnd.Stop), ("length", TextEnd.Length)));
    }

    public override Score Measure(CheckedOutput output) =>
        output.Generation.End is { } found ? Score.Of(found == end) : Score.NotMeasured("nobody knows why the text ended");
}
