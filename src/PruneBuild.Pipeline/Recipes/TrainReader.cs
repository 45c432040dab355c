using PruneBuild.Compression.Training;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>train</c> section of a recipe.</summary>
internal static class TrainReader
{
    private const int MostSteps = 10_000_000;
    private const int LargestBatch = 65_536;
    private const int LargestShift = 1024;
    private const int LargestRank = 4096;

    private const string Lora = "lora";

    private static readonly string[] Methods = ["distillation", TrainStep.Feature, TrainStep.Blockwise, Lora, "bias-and-norm"];
    private static readonly string[] OfLora = ["rank", "alpha"];

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static TrainStep Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly(
            "method", "steps", "batch", "seed", "temperature", "optimizer", "learningRate", "weightDecay", "warmup", "augmentation", "rank", "alpha");
        var method = json.Known("method", "distillation", Methods);
        if (!hasCalibration)
            throw json.Location.Error("PB3003", method);
        foreach (var key in OfLora.Where(key => method != Lora && json.Has(key)))
            throw json.Invalid(key, "it belongs to the method lora");
        if (!TrainStep.ComparesLogits(method) && json.Has("temperature"))
            throw json.Invalid("temperature", $"{method} compares features, not logits");
        return new TrainStep(method)
        {
            Steps = json.WholeNumber("steps", 1, MostSteps, 300),
            Batch = json.WholeNumber("batch", 1, LargestBatch, 100),
            Seed = json.WholeNumber("seed", 0, int.MaxValue, 1),
            Temperature = json.Has("temperature") ? json.Number("temperature", 0.1, 100) : 3,
            Optimizer = json.Has("optimizer") ? json.OneOf("optimizer", ("sgd", OptimizerKind.NesterovSgd), ("adamw", OptimizerKind.AdamW))
                : method == Lora ? OptimizerKind.AdamW : OptimizerKind.NesterovSgd,
            LearningRate = json.Has("learningRate") ? json.Number("learningRate", 0, 100) : null,
            WeightDecay = json.Has("weightDecay") ? json.Number("weightDecay", 0, 1) : 0,
            WarmupSteps = json.WholeNumber("warmup", 0, MostSteps, 0),
            Augmentation = json.Has("augmentation") ? Augmentation(json.Section("augmentation")) : null,
            Rank = json.WholeNumber("rank", 1, LargestRank, 8),
            Alpha = json.Has("alpha") ? json.Number("alpha", 0, 1e6) : null,
        };
    }

    private static ImageAugmentation Augmentation(JsonSection json)
    {
        json.AllowOnly("horizontalFlip", "shift");
        return new ImageAugmentation(json.Flag("horizontalFlip", false), json.WholeNumber("shift", 0, LargestShift, 0));
    }
}
