using Newtonsoft.Json.Linq;
using PruneBuild.Compression.Quantization;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads <c>quantize.mixed</c> of a recipe.</summary>
internal static class MixedReader
{
    private static readonly (string Name, MixedUnit Unit)[] Units = [("bytes", MixedUnit.Bytes), ("milliseconds", MixedUnit.Milliseconds), ("kl", MixedUnit.Kl)];

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static MixedStep Read(JsonSection quantize, bool hasCalibration)
    {
        var json = quantize.Section("mixed");
        json.AllowOnly([.. Units.Select(unit => unit.Name), "search", "precisions"]);
        var given = Units.Where(unit => json.Has(unit.Name)).ToList();
        if (given is not [var (key, unit)])
            throw quantize.Invalid("mixed", "one of bytes, milliseconds and kl is expected");
        quantize.NeedsCalibration("mixed", "mixed", needed: true, hasCalibration);
        var most = json.Number(key);
        return new MixedStep(unit, most > 0 ? most : throw json.Invalid(key, "more than 0 is expected"), json.LocationOf(key))
        {
            Search = json.Known("search", "knapsack", PrecisionSearches.Names),
            Precisions = json.Has("precisions") ? Precisions(json) : [.. MixedStep.Known.Select(known => known.Name)],
        };
    }

    /// <summary>From few bits to many, whatever order the recipe has: the same choice has one key.</summary>
    private static string[] Precisions(JsonSection json)
    {
        if (json.Required("precisions") is not JArray { Count: > 0 } list)
            throw json.Invalid("precisions", "a list of int4, int8 and float is expected");
        foreach (var item in list)
        {
            if (item.Type != JTokenType.String || !MixedStep.Known.Any(known => known.Name == (string)item!))
                throw json.Invalid("precisions", item, $"known: {string.Join(", ", MixedStep.Known.Select(known => known.Name))}");
        }
        return [.. MixedStep.Known.Select(known => known.Name).Where(name => list.Any(item => (string)item! == name))];
    }
}
