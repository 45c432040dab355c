using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>depth</c> section of a recipe.</summary>
internal static class DepthReader
{
    private const int MostBlocks = 1 << 16;

    private static readonly string[] Ways = ["loss", DepthStep.Influence];

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static DepthStep Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly("blocks", "by", "candidates");
        var step = new DepthStep(json.WholeNumber("blocks", 1, MostBlocks), json.LocationOf("blocks"))
        {
            By = json.Known("by", "loss", Ways),
            Candidates = json.Has("candidates") ? json.WholeNumber("candidates", 1, MostBlocks) : null,
        };
        if (!hasCalibration)
            throw json.Location.Error("PB3003", step.By);
        if (step.Candidates is not null && step.By != "loss")
            throw json.Invalid("candidates", "it belongs to the search by loss");
        return step.Candidates < step.Blocks ? throw json.Invalid("candidates", $"at least the {step.Blocks} blocks that go are expected") : step;
    }
}
