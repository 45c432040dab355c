using System.Globalization;
using Newtonsoft.Json.Linq;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>Reads recipe files and the short forms of a ModelReference.</summary>
public static class RecipeReader
{
    /// <summary>Names of the operators that attend.</summary>
    internal static readonly (string Name, AttentionOperator Value)[] Attentions =
        [("auto", AttentionOperator.Auto), ("prunebuild", AttentionOperator.PruneBuild), ("onnxruntime", AttentionOperator.OnnxRuntime)];

    private const int MostPruningSteps = 1000;

    /// <summary>The recipe of a request: its file, with the short forms laid over it.</summary>
    /// <exception cref="PruneBuildException">PB1010 to PB1014, PB1030, PB1044, PB3003: the file or a short form is wrong.</exception>
    public static Recipe Read(WorkRequest request)
    {
        var recipe = request.Recipe is null ? new Recipe() : ReadFile(request.Recipe);
        if (request.Prune is { Length: > 0 } prune)
            recipe = recipe with { Prune = ShortPrune(request, prune, recipe) };
        if (request.Quantize is { Length: > 0 } quantize)
            recipe = recipe with { Quantize = ShortQuantize(request, quantize, recipe) };
        JointLevels.Require(recipe);
        return recipe;
    }

    /// <summary>Reads a recipe file.</summary>
    /// <exception cref="PruneBuildException">PB1010 to PB1014, PB1030, PB3003 at the token at fault.</exception>
    public static Recipe ReadFile(string file)
    {
        var json = new JsonSection(LocatedJson.Load(file), file);
        json.AllowOnly("$schema", "version", "depth", "hiddenSize", "transformer", "structured", "prune", "train", "quantize", "drift", "calibration", "batch", "confirmKernels", "attention");
        json.WholeNumber("version", 1, 1);
        var calibration = json.Has("calibration") ? CalibrationDataReader.Read(json, file) : null;
        var hasCalibration = calibration is not null;
        var train = json.Has("train") ? TrainReader.Read(json.Section("train"), hasCalibration) : null;
        return new Recipe
        {
            Depth = json.Has("depth") ? DepthReader.Read(json.Section("depth"), hasCalibration) : null,
            HiddenSize = json.Has("hiddenSize") ? HiddenSizeReader.Read(json.Section("hiddenSize"), hasCalibration) : null,
            Transformer = json.Has("transformer") ? TransformerReader.Read(json.Section("transformer"), hasCalibration) : null,
            Structured = json.Has("structured") ? StructureReader.Read(json.Section("structured"), hasCalibration) : null,
            Train = train,
            Prune = json.Has("prune") ? Prune(json.Section("prune"), hasCalibration, train is not null) : null,
            Quantize = json.Has("quantize") ? QuantizeReader.Read(json.Section("quantize"), hasCalibration) : null,
            Drift = json.Has("drift") ? DriftReader.Read(json.Section("drift"), hasCalibration) : null,
            Calibration = calibration,
            Batch = json.Has("batch") ? json.WholeNumber("batch", 1, 1 << 20) : 1,
            ConfirmKernels = json.Flag("confirmKernels", false),
            Attention = json.Has("attention") ? json.OneOf("attention", Attentions) : AttentionOperator.Auto,
        };
    }

    private static PruneStep Prune(JsonSection json, bool hasCalibration, bool trains)
    {
        json.AllowOnly(
            "pattern", "sparsity", "budget", "gradual", "criterion", "layerRatios", "redistribute", "permute", "sequential", "recovery", "reestimateBatchNorm", "allowExtremeSparsity",
            "protectFirstLast", "skip", "layers");
        var pattern = json.Text("pattern");
        var implied = Parse(pattern, reason => json.Invalid("pattern", reason)).ImpliedSparsity;
        var recovery = json.Recovery(hasCalibration);
        var criterion = json.Known("criterion", "magnitude", PruningCriteria.Names);
        var ratios = json.Known("layerRatios", "uniform", LayerRatioMethods.Names);
        json.NeedsCalibration("recovery", recovery, recovery != "none", hasCalibration);
        json.NeedsCalibration("criterion", criterion, PruningCriteria.Get(criterion).NeedsStatistics, hasCalibration);
        var division = LayerRatioMethods.Get(ratios);
        json.NeedsCalibration("layerRatios", ratios, division.NeedsCurves || division.NeedsLossCurves, hasCalibration);
        foreach (var key in new[] { "sequential", "reestimateBatchNorm" })
            json.NeedsCalibration(key, key, json.Flag(key, false), hasCalibration);
        var budget = json.Has("budget") ? Budget(json, implied is not null) : null;
        var sparsity = implied is { } fixedSparsity && !json.Has("sparsity") ? fixedSparsity : budget is not null ? 0 : Sparsity(json, "sparsity");
        if (implied is { } exact && Math.Abs(exact - sparsity) > 1e-9)
            throw json.Invalid("sparsity", $"the pattern {pattern} fixes it at {exact:R}");
        return new PruneStep(pattern, sparsity)
        {
            Budget = budget,
            Gradual = json.Has("gradual") ? Gradual(json, implied is not null, trains) : null,
            Criterion = criterion,
            LayerRatios = ratios,
            Redistribute = json.Has("redistribute") ? Redistribute(json, hasCalibration) : [],
            Permute = json.Flag("permute", false),
            Sequential = json.Flag("sequential", false),
            ReestimateBatchNorm = json.Has("reestimateBatchNorm") ? json.Flag("reestimateBatchNorm", false) : null,
            Recovery = recovery,
            AllowExtremeSparsity = json.Flag("allowExtremeSparsity", false),
            ProtectFirstLast = json.Flag("protectFirstLast", true),
            Skip = json.Names("skip"),
            Layers = json.Has("layers") ? Layers(json) : [],
        };
    }

    private static string[] Redistribute(JsonSection json, bool hasCalibration)
    {
        string[] names = json.Required("redistribute") is Newtonsoft.Json.Linq.JArray ? [.. json.Names("redistribute").Select(name => name.Name)] : [json.Text("redistribute")];
        foreach (var name in names)
        {
            if (!Redistributions.Names.Contains(name))
                throw json.Invalid("redistribute", $"known: {string.Join(", ", Redistributions.Names)}");
            json.NeedsCalibration("redistribute", name, Redistributions.Get(name).NeedsStatistics, hasCalibration);
        }
        return names;
    }

    private static PruneBudget Budget(JsonSection prune, bool isFixed)
    {
        if (isFixed)
            throw prune.Invalid("budget", "an N:M pattern has one sparsity");
        if (prune.Has("sparsity"))
            throw prune.Invalid("budget", "the sparsity is given; one of both is expected");
        var json = prune.Section("budget");
        json.AllowOnly("milliseconds", "bytes");
        if (json.Has("milliseconds") == json.Has("bytes"))
            throw prune.Invalid("budget", "one of milliseconds and bytes is expected");
        var (key, unit) = json.Has("bytes") ? ("bytes", PruneBudgetUnit.Bytes) : ("milliseconds", PruneBudgetUnit.Milliseconds);
        return json.Number(key) is var most and > 0 ? new PruneBudget(unit, most, json.LocationOf(key)) : throw json.Invalid(key, "more than 0 is expected");
    }

    private static GradualSchedule Gradual(JsonSection prune, bool isFixed, bool trains)
    {
        if (isFixed)
            throw prune.Invalid("gradual", "an N:M pattern has one sparsity");
        if (!trains)
            throw prune.Invalid("gradual", "what is left has to recover between the steps: the recipe needs a train section");
        var json = prune.Section("gradual");
        json.AllowOnly("steps", "train");
        return new GradualSchedule(json.WholeNumber("steps", 2, MostPruningSteps), json.WholeNumber("train", 1, int.MaxValue));
    }

    private static PruneStep ShortPrune(WorkRequest request, string text, Recipe recipe)
    {
        PruneBuildException At(PruneBuildException exception) =>
            exception.At(request.Position?.File, request.Position?.Line ?? 0, request.Position?.Column ?? 0);
        PruneBuildException Invalid(string reason) => At(new PruneBuildException("PB1002", request.Name, text, "Prune", reason));
        var last = text.LastIndexOf(':');
        var isBareNOfM = text.Split(':') is [var kept, var window] && int.TryParse(kept, out _) && int.TryParse(window, out _);
        var pattern = last < 0 || isBareNOfM ? text : text[..last];
        double sparsity;
        if (isBareNOfM)
            sparsity = Parse(pattern, Invalid).ImpliedSparsity!.Value;
        else if (last < 0 || !double.TryParse(text[(last + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out sparsity))
            throw Invalid("Write pattern:sparsity, for example 8x4:0.8.");
        if (!(sparsity is >= 0 and <= 1))
            throw At(new PruneBuildException("PB1014", sparsity));
        if (Parse(pattern, Invalid).ImpliedSparsity is { } implied && Math.Abs(implied - sparsity) > 1e-9)
            throw Invalid($"The pattern {pattern} fixes the sparsity at {implied:R}.");
        var step = recipe.Prune ?? new PruneStep(pattern, sparsity) { Recovery = recipe.Calibration is null ? "none" : RecipeJson.RecoveryWithData };
        return step with { Pattern = pattern, Sparsity = sparsity, Budget = null, Gradual = isBareNOfM ? null : step.Gradual };
    }

    private static QuantizeStep? ShortQuantize(WorkRequest request, string text, Recipe recipe) => text switch
    {
        "none" => null,
        "int8" => recipe.Quantize is { Precision: "int8" } eight ? eight : (recipe.Quantize ?? new QuantizeStep("int8")) with { Precision = "int8", Groups = null },
        "int4" => (recipe.Quantize ?? new QuantizeStep("int4")) with
        {
            Precision = "int4",
            Compensates = false,
            Activations = null,
            WeightBits = null,
            Groups = recipe.Quantize is { Precision: "int4", Groups: { } four } ? four : new GroupStep { Method = recipe.Calibration is null ? "rtn" : "gptq" },
        },
        _ => throw new PruneBuildException("PB1002", request.Name, text, "Quantize", "Known: int8, int4, none.")
            .At(request.Position?.File, request.Position?.Line ?? 0, request.Position?.Column ?? 0),
    };

    private static double Sparsity(JsonSection json, string key)
    {
        var value = json.Number(key);
        return value is >= 0 and <= 1 ? value : throw json.LocationOf(key).Error("PB1014", value);
    }

    private static List<LayerSparsity> Layers(JsonSection json)
    {
        var section = json.Section("layers");
        return [.. json.SectionJson("layers").Properties().Select(property =>
            new LayerSparsity(new LayerName(property.Name, section.LocationOf(property.Name)), Sparsity(section, property.Name)))];
    }

    private static SparsityPattern Parse(string pattern, Func<string, PruneBuildException> invalid)
    {
        try
        {
            return SparsityPattern.Parse(pattern);
        }
        catch (PruneBuildException)
        {
            throw invalid("Known: unstructured, N:M such as 2:4, and blocks of outputs x inputs such as 8x4.");
        }
    }
}
