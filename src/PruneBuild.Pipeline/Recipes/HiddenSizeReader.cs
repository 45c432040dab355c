using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>hiddenSize</c> section of a recipe.</summary>
internal static class HiddenSizeReader
{
    private const int LargestMultiple = 4096;

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1014, PB3003 at the token at fault.</exception>
    public static HiddenSizeStep Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly("remaining", "align");
        if (!hasCalibration)
            throw json.Location.Error("PB3003", "hiddenSize");
        var remaining = json.Number("remaining");
        return remaining is > 0 and <= 1
            ? new HiddenSizeStep(remaining) { Align = json.Has("align") ? json.WholeNumber("align", 1, LargestMultiple) : null }
            : throw json.Invalid("remaining", "the fraction that stays is expected, above 0 and at most 1");
    }
}
