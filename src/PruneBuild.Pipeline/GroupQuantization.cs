using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Pipeline;

/// <summary>Quantization in groups as a recipe asks for it.</summary>
internal static class GroupQuantization
{
    /// <summary>What was done to a model before its statistics are taken: batch normalizations are folded.</summary>
    private const string Plain = "folded";

    /// <summary>The options of a recipe that quantizes in groups.</summary>
    public static GroupQuantizeOptions Options(WorkContext context)
    {
        var (step, groups) = (context.Recipe.Quantize!, context.Recipe.Quantize!.Groups!);
        return new GroupQuantizeOptions
        {
            Format = new GroupFormat(groups.Bits, groups.Size, groups.IsSymmetric),
            Method = GroupQuantizers.Get(groups.Method),
            AccuracyLevel = groups.AccuracyLevel,
            ProtectFirstLast = groups.ProtectFirstLast,
            EightBit = [.. groups.EightBit.Select(layer => layer.Name)],
            Skip = [.. step.Skip.Select(layer => layer.Name)],
            BiasCorrection = step.BiasCorrection,
            Threads = context.Threads,
        };
    }

    /// <summary>The statistics of a model whose batch normalizations are folded; null when neither levels nor biases need them.</summary>
    public static CalibrationStatistics? Statistics(
        WorkContext context, StageResult source, OnnxModel folded, GroupQuantizeOptions options, ICollection<Diagnostic> warnings, string state = Plain) =>
        (options.Method.NeedsStatistics || options.BiasCorrection) && context.Recipe.Calibration is { } data ? CalibrateStage.Run(context, Folded(source, state), folded, data, warnings) : null;

    /// <summary>A stage's model once its batch normalizations are folded.</summary>
    public static StageResult Folded(StageResult source, string state = Plain) => source with { Key = $"{source.Key} {state}" };
}
