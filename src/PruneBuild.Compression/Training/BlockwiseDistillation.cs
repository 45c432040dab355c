using PruneBuild.Graph;

namespace PruneBuild.Compression.Training;

/// <summary>
/// Trains every block towards the output of the dense block by itself: the squared error over the parent's mean square. A block
/// reads what the student's blocks before it put out, and no gradient crosses its borders. What lies behind the last block
/// stays as it is.
/// </summary>
/// <param name="Blocks">The value each block puts out, such as those of the residual additions.</param>
public sealed record BlockwiseDistillation(IReadOnlyList<string> Blocks) : ITrainingRecovery
{
    /// <inheritdoc/>
    public string Name => "blockwise";

    /// <inheritdoc/>
    public TrainingReport Recover(
        OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(Blocks.Count);
        return Distillation.Run(
            Name, student, teacher, data, options, groups => new StoredParameters(student, [.. groups.Weights, .. groups.Vectors]),
            new FeatureLoss(Blocks, isolated: true), progress, cancellation);
    }
}
