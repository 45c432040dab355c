using Newtonsoft.Json.Linq;
using PruneBuild.Compression.Quantization;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>quantize</c> section of a recipe.</summary>
internal static class QuantizeReader
{
    private const string Int8 = "int8";
    private const string Int4 = "int4";
    private const string None = "none";
    private const string BiasCorrection = "biasCorrection";
    private const double DefaultSmooth = 0.5;

    private static readonly string[] OfGroups = ["joint", "group", "symmetric", "accuracyLevel", "protectFirstLast", "eightBit", "mixed"];
    private static readonly string[] OfFourBits = ["joint", "protectFirstLast", "eightBit", "mixed"];
    private static readonly string[] OfAny = ["embeddings", "store"];
    private static readonly string[] OfRanges = ["calibrate", "percentile", "activationsSymmetric"];
    private static readonly string[] OfActivations = ["smooth", .. OfRanges];

    private static readonly string[] OfInt8 = ["activations", "weightBits", .. OfActivations];

    /// <returns>The step, or null where the recipe asks for none.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static QuantizeStep? Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly(["precision", "skip", "method", BiasCorrection, .. OfAny, .. OfGroups, .. OfInt8]);
        var precision = json.Has("mixed") && !json.Has("precision") ? Int4 : json.OneOf("precision", (Int8, Int8), (Int4, Int4), (None, None));
        var inGroups = precision == Int4 || (precision == Int8 && json.Has("group"));
        Refuse(json, OfGroups, !inGroups, "it belongs to the precision int4, or to int8 with a group");
        Refuse(json, OfFourBits, precision == Int8, "with the precision int8 all layers have 8 bits");
        Refuse(json, OfInt8, precision != Int8, "it belongs to the precision int8");
        Refuse(json, OfInt8, inGroups, "it belongs to the precision int8 without a group");
        Refuse(json, ["embeddings"], json.Has("mixed"), "with mixed precisions embeddings stay float");
        Refuse(json, ["method", BiasCorrection, .. OfAny], precision == None, "nothing is quantized with the precision none");
        if (precision == None)
            return null;
        var step = new QuantizeStep(precision)
        {
            Skip = json.Names("skip"),
            Compensates = !inGroups && CompensatesInt8(json, hasCalibration),
            Groups = inGroups ? Groups(json, precision == Int4 ? 4 : 8, hasCalibration) : null,
            Activations = inGroups ? null : Activations(json, hasCalibration),
            WeightBits = inGroups ? null : WeightBits(json),
            Embeddings = json.Known("embeddings", QuantizeStep.Float, [QuantizeStep.Float, Int8, Int4]),
            Store = json.Known("store", QuantizeStep.Float, [QuantizeStep.Float, QuantizeStep.Half]),
        };
        return step with { BiasCorrection = CorrectsBias(json, step, hasCalibration) };
    }

    /// <summary>By default where inputs are looked at anyway.</summary>
    private static bool CorrectsBias(JsonSection json, QuantizeStep step, bool hasCalibration)
    {
        if (json.Has(BiasCorrection) && step.Activations is { IsStatic: false })
            throw json.Invalid(BiasCorrection, "it belongs to static and float activations");
        var looks = step.Compensates || step.Activations is { IsStatic: true } || step.Groups is { } groups && GroupQuantizers.Get(groups.Method).NeedsStatistics;
        var corrects = json.Flag(BiasCorrection, looks);
        json.NeedsCalibration(BiasCorrection, BiasCorrection, corrects, hasCalibration);
        return corrects;
    }

    private static void Refuse(JsonSection json, IEnumerable<string> keys, bool refused, string reason)
    {
        foreach (var key in keys.Where(key => refused && json.Has(key)))
            throw json.Invalid(key, reason);
    }

    private static bool CompensatesInt8(JsonSection json, bool hasCalibration)
    {
        var method = json.Known("method", "rtn", ["rtn", "gptq"]);
        json.NeedsCalibration("method", method, method == "gptq", hasCalibration);
        if (method == "gptq" && json.Has("activations") && json.Text("activations") != "float")
            throw json.Invalid("method", "it belongs to float activations: bytes have ranges of their own");
        return method == "gptq";
    }

    private static GroupStep Groups(JsonSection json, int bits, bool hasCalibration)
    {
        var method = json.Known("method", hasCalibration ? "gptq" : "rtn", GroupQuantizers.Names);
        json.NeedsCalibration("method", method, GroupQuantizers.Get(method).NeedsStatistics, hasCalibration);
        if (method == "hqq" && bits == 8)
            throw json.Invalid("method", "real zero points are for 4 bits");
        if (json.Has("mixed") && GroupQuantizers.Get(method).ScalesFirst)
            throw json.Invalid("method", "mixed precisions measure every weight alone, and this method scales several together");
        var size = json.WholeNumber("group", 16, 256, 32);
        var level = json.WholeNumber("accuracyLevel", 0, 4, 4);
        return new GroupStep
        {
            Bits = bits,
            Method = method,
            Joint = json.Flag("joint", false) ? json.LocationOf("joint") : null,
            Size = (size & (size - 1)) == 0 ? size : throw json.Invalid("group", "a power of two is expected"),
            IsSymmetric = json.Flag("symmetric", method != "hqq"),
            AccuracyLevel = level is 0 or 4 ? level : throw json.Invalid("accuracyLevel", "0 for float activations or 4 for int8 ones is expected"),
            ProtectFirstLast = bits == 4 && json.Flag("protectFirstLast", true),
            EightBit = json.Names("eightBit"),
            Mixed = json.Has("mixed") ? MixedReader.Read(json, hasCalibration) : null,
        };
    }

    private static ActivationStep? Activations(JsonSection json, bool hasCalibration)
    {
        var kind = json.Known("activations", "float", ["float", "dynamic", "static"]);
        json.NeedsCalibration("activations", kind, kind == "static", hasCalibration);
        foreach (var key in OfActivations.Where(key => json.Has(key) && (kind == "float" || (kind == "dynamic" && OfRanges.Contains(key)))))
            throw json.Invalid(key, OfRanges.Contains(key) ? "it belongs to static activations" : "it belongs to static and dynamic activations");
        if (kind == "float")
            return null;
        var method = json.Known("calibrate", ActivationStep.DefaultMethod, RangeMethods.Names);
        if (json.Has("percentile") && method != "percentile")
            throw json.Invalid("percentile", "it belongs to the calibration by percentile");
        var smooth = Smooth(json);
        json.NeedsCalibration("smooth", "smooth", smooth is not null, hasCalibration);
        return new ActivationStep(kind == "static")
        {
            Calibrate = method,
            Percentile = json.Has("percentile") ? json.Number("percentile", 90, 100) : ActivationStep.DefaultPercentile,
            IsSymmetric = json.Flag("activationsSymmetric", false),
            Smooth = smooth,
        };
    }

    private static double? Smooth(JsonSection json) => !json.Has("smooth") ? null
        : json.Required("smooth") is JValue { Value: bool flag } ? (flag ? DefaultSmooth : null)
        : json.Number("smooth", 0, 1);

    private static int? WeightBits(JsonSection json) =>
        !json.Has("weightBits") ? null
        : json.Required("weightBits") is JValue { Value: "auto" } ? null
        : json.WholeNumber("weightBits", 7, 8);
}
