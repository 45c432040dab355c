using PruneBuild.Compression.Quantization;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>quantize</c> section of a recipe.</summary>
internal static class QuantizeReader
{
    private const string Int4 = "int4";
    private const string Int8 = "int8";
    private const string None = "none";

    private static readonly string[] OfGroups = ["method", "group", "symmetric", "accuracyLevel", "protectFirstLast", "eightBit"];
    private static readonly string[] OfFourBits = ["protectFirstLast", "eightBit"];
    private static readonly string[] OfAny = ["embeddings", "store"];

    /// <returns>The step, or null where the recipe asks for none.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static QuantizeStep? Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly(["precision", "skip", .. OfAny, .. OfGroups]);
        var precision = json.OneOf("precision", (Int8, Int8), (Int4, Int4), (None, None));
        var inGroups = precision == Int4 || (precision == Int8 && json.Has("group"));
        Refuse(json, OfGroups, !inGroups, "it belongs to the precision int4, or to int8 with a group");
        Refuse(json, OfFourBits, precision == Int8, "with the precision int8 all layers have 8 bits");
        Refuse(json, OfAny, precision == None, "nothing is quantized with the precision none");
        return precision == None ? null : new QuantizeStep(precision)
        {
            Skip = json.Names("skip"),
            Groups = inGroups ? Groups(json, precision == Int4 ? 4 : 8, hasCalibration) : null,
            Embeddings = json.Known("embeddings", QuantizeStep.Float, [QuantizeStep.Float, Int8, Int4]),
            Store = json.Known("store", QuantizeStep.Float, [QuantizeStep.Float, QuantizeStep.Half]),
        };
    }

    private static void Refuse(JsonSection json, IEnumerable<string> keys, bool refused, string reason)
    {
        foreach (var key in keys.Where(key => refused && json.Has(key)))
            throw json.Invalid(key, reason);
    }

    private static GroupStep Groups(JsonSection json, int bits, bool hasCalibration)
    {
        var method = json.Known("method", hasCalibration ? "gptq" : "rtn", GroupQuantizers.Names);
        json.NeedsCalibration("method", method, GroupQuantizers.Get(method).NeedsStatistics, hasCalibration);
        if (method == "hqq" && bits == 8)
            throw json.Invalid("method", "real zero points are for 4 bits");
        var size = json.WholeNumber("group", 16, 256, 32);
        var level = json.WholeNumber("accuracyLevel", 0, 4, 4);
        return new GroupStep
        {
            Bits = bits,
            Method = method,
            Size = (size & (size - 1)) == 0 ? size : throw json.Invalid("group", "a power of two is expected"),
            IsSymmetric = json.Flag("symmetric", method != "hqq"),
            AccuracyLevel = level is 0 or 4 ? level : throw json.Invalid("accuracyLevel", "0 for float activations or 4 for int8 ones is expected"),
            ProtectFirstLast = bits == 4 && json.Flag("protectFirstLast", true),
            EightBit = json.Names("eightBit"),
        };
    }
}
