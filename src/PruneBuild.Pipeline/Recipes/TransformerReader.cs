using Newtonsoft.Json.Linq;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Structured;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>transformer</c> section of a recipe.</summary>
internal static class TransformerReader
{
    private const int LargestMultiple = 4096;

    private static readonly string[] Units = [TransformerStep.Heads, TransformerStep.Neurons];

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static TransformerStep Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly("remove", "layerRatios", "units", "criterion", "recovery", "align");
        if (!hasCalibration)
            throw json.Location.Error("PB3003", "transformer");
        var ratios = json.Known("layerRatios", "uniform", BlockRatioMethods.Names);
        var (remove, most) = (json.Number("remove"), BlockRatioMethods.Get(ratios).Most);
        if (!(remove > 0 && remove <= most))
            throw json.Invalid("remove", FormattableString.Invariant($"the fraction to remove is expected, above 0 and at most {most}"));
        var criterion = json.Known("criterion", "slimllm", UnitCriteria.Names);
        if (UnitCriteria.Get(criterion).NeedsGradients)
            throw json.Invalid("criterion", "criteria from gradients belong to the structured section");
        return new TransformerStep(remove)
        {
            LayerRatios = ratios,
            Units = json.Has("units") ? Chosen(json) : Units,
            Criterion = criterion,
            Recovery = json.Known("recovery", "linear", ["none", "bias", "linear", "least-squares"]),
            Align = json.WholeNumber("align", 1, LargestMultiple, 1),
        };
    }

    private static List<string> Chosen(JsonSection json) =>
        json.Required("units") is JArray { Count: > 0 } list && list.All(item => item.Type == JTokenType.String && Units.Contains((string)item!))
            ? [.. Units.Where(unit => list.Any(item => (string)item! == unit))]
            : throw json.Invalid("units", $"a list of {string.Join(" and ", Units)} is expected");
}
