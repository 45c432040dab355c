using PruneBuild.Compression.Quantization;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>quantize</c> section of a recipe.</summary>
internal static class QuantizeReader
{
    private const string Int4 = "int4";

    private static readonly string[] OfGroups = ["joint", "group", "symmetric", "accuracyLevel", "protectFirstLast", "eightBit"];

    /// <returns>The step, or null where the recipe asks for none.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static QuantizeStep? Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly(["precision", "skip", "method", .. OfGroups]);
        var precision = json.OneOf("precision", ("int8", "int8"), (Int4, Int4), ("none", "none"));
        foreach (var key in OfGroups.Where(key => precision != Int4 && json.Has(key)))
            throw json.Invalid(key, "it belongs to the precision int4");
        return precision == "none" ? null : new QuantizeStep(precision)
        {
            Skip = json.Names("skip"),
            Compensates = precision != Int4 && CompensatesInt8(json, hasCalibration),
            Groups = precision == Int4 ? Groups(json, hasCalibration) : null,
        };
    }

    private static bool CompensatesInt8(JsonSection json, bool hasCalibration)
    {
        var method = json.Known("method", "rtn", ["rtn", "gptq"]);
        json.NeedsCalibration("method", method, method == "gptq", hasCalibration);
        return method == "gptq";
    }

    private static GroupStep Groups(JsonSection json, bool hasCalibration)
    {
        var method = json.Known("method", hasCalibration ? "gptq" : "rtn", GroupQuantizers.Names);
        json.NeedsCalibration("method", method, GroupQuantizers.Get(method).NeedsStatistics, hasCalibration);
        var size = json.WholeNumber("group", 16, 256, 32);
        var level = json.WholeNumber("accuracyLevel", 0, 4, 4);
        return new GroupStep
        {
            Method = method,
            Joint = json.Flag("joint", false) ? json.LocationOf("joint") : null,
            Size = (size & (size - 1)) == 0 ? size : throw json.Invalid("group", "a power of two is expected"),
            IsSymmetric = json.Flag("symmetric", method != "hqq"),
            AccuracyLevel = level is 0 or 4 ? level : throw json.Invalid("accuracyLevel", "0 for float activations or 4 for int8 ones is expected"),
            ProtectFirstLast = json.Flag("protectFirstLast", true),
            EightBit = json.Names("eightBit"),
        };
    }
}
