using PruneBuild.Graph;

namespace PruneBuild.Compression.Training;

/// <summary>Trains every weight the mask keeps, and all biases and norms, on the logits of the dense parent.</summary>
/// <param name="Temperature">T of T² KL(softmax(z_t/T) ‖ softmax(z_s/T)).</param>
/// <param name="Logits">The value that holds the logits; null means the first output, before its Softmax when it ends in one.</param>
public sealed record FullTuning(double Temperature = 3, string? Logits = null) : ITrainingRecovery
{
    /// <inheritdoc/>
    public string Name => "distillation";

    /// <inheritdoc/>
    public TrainingReport Recover(
        OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Distillation.Run(
            Name, student, teacher, data, options, groups => new StoredParameters(student, [.. groups.Weights, .. groups.Vectors]),
            new LogitLoss(Distillation.Logits(student, Logits), Temperature), progress, cancellation);
}
