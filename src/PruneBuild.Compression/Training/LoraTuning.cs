using PruneBuild.Graph;

namespace PruneBuild.Compression.Training;

/// <summary>
/// Trains a low-rank change of every matrix and kernel under its mask, (W + (α/r) B A) ⊙ M (LoRA, Hu et al. 2021), on the logits
/// of the dense parent, and merges it at the end.
/// </summary>
/// <param name="Rank">r.</param>
/// <param name="Alpha">α.</param>
/// <param name="Temperature">T of T² KL(softmax(z_t/T) ‖ softmax(z_s/T)).</param>
/// <param name="Logits">The value that holds the logits; null means the first output, before its Softmax when it ends in one.</param>
public sealed record LoraTuning(int Rank = 8, double Alpha = 16, double Temperature = 3, string? Logits = null) : ITrainingRecovery
{
    /// <inheritdoc/>
    public string Name => "lora";

    /// <inheritdoc/>
    public TrainingReport Recover(
        OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rank);
        return Distillation.Run(
            Name, student, teacher, data, options, groups => new LowRankAdapters(student, groups.Weights, Rank, Alpha, options.Seed),
            new LogitLoss(Distillation.Logits(student, Logits), Temperature), progress, cancellation);
    }
}
