using Newtonsoft.Json.Linq;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Values that several sections of a recipe hold.</summary>
internal static class RecipeJson
{
    /// <summary>The recovery of a recipe that has calibration data and names none.</summary>
    public const string RecoveryWithData = "least-squares";

    /// <summary>true or false.</summary>
    public static bool Flag(this JsonSection json, string key, bool missing) => !json.Has(key)
        ? missing
        : json.Required(key) is JValue { Value: bool flag } ? flag : throw json.Invalid(key, "true or false is expected");

    /// <summary>A list of layer names or globs.</summary>
    public static LayerName[] Names(this JsonSection json, string key) => !json.Has(key)
        ? []
        : json.Required(key) is JArray list && list.All(item => item.Type == JTokenType.String)
            ? [.. list.Select(item => new LayerName((string)item!, LocatedJson.Locate(item, json.Location.File)))]
            : throw json.Invalid(key, "a list of layer names is expected");

    /// <summary>One of the registered names.</summary>
    public static string Known(this JsonSection json, string key, string missing, IReadOnlyList<string> names) =>
        json.OptionalText(key) is not { } name ? missing
        : names.Contains(name) ? name
        : throw json.Invalid(key, $"known: {string.Join(", ", names)}");

    /// <summary>A method of recovery without training.</summary>
    public static string Recovery(this JsonSection json, bool hasCalibration) =>
        json.Known("recovery", hasCalibration ? RecoveryWithData : "none", ["none", "bias", "linear", RecoveryWithData]);

    /// <summary>Fails at a key whose value needs calibration data that is not there.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3003 at the value.</exception>
    public static void NeedsCalibration(this JsonSection json, string key, string what, bool needed, bool hasCalibration)
    {
        if (needed && !hasCalibration)
            throw json.LocationOf(key).Error("PB3003", what);
    }

    /// <summary>A whole number, or what stands for a missing one.</summary>
    public static int WholeNumber(this JsonSection json, string key, int min, int max, int missing) =>
        json.Has(key) ? json.WholeNumber(key, min, max) : missing;
}
