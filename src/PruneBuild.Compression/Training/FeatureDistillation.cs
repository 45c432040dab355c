using PruneBuild.Graph;

namespace PruneBuild.Compression.Training;

/// <summary>
/// Trains the whole model towards inner values of the dense parent, such as what its last residual block puts out: the squared
/// error over the parent's mean square. A feature map says far more about a case than its logits do, which is what few cases
/// need (Wang and Wu, "Practical Network Acceleration with Tiny Sets", 2023). What lies behind the last value stays as it is.
/// </summary>
/// <param name="Features">Value names, of equal shapes in both models.</param>
public sealed record FeatureDistillation(IReadOnlyList<string> Features) : ITrainingRecovery
{
    /// <inheritdoc/>
    public string Name => "feature";

    /// <inheritdoc/>
    public TrainingReport Recover(
        OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(Features.Count);
        return Distillation.Run(
            Name, student, teacher, data, options, groups => new StoredParameters(student, [.. groups.Weights, .. groups.Vectors]),
            new FeatureLoss(Features, isolated: false), progress, cancellation);
    }
}
