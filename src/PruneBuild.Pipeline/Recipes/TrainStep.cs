using PruneBuild.Compression.Training;

namespace PruneBuild.Pipeline;

/// <summary>The training step: what closed forms leave of the damage is trained away, towards the dense parent.</summary>
/// <param name="Method">distillation, feature, blockwise, lora or bias-and-norm.</param>
public sealed record TrainStep(string Method)
{
    /// <summary>Every block on what the parent's puts out.</summary>
    public const string Blockwise = "blockwise";

    /// <summary>The whole model on what the parent's last block puts out.</summary>
    public const string Feature = "feature";

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>Cases of a step.</summary>
    public int Batch { get; init; } = 100;

    /// <summary>Seed of the order of the cases, the hold-out, the augmentation and the adapters.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>T of the distillation of logits.</summary>
    public double Temperature { get; init; } = 3;

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>Learning rate after the warm-up; null for the optimizer's.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Decay of matrices and kernels.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Steps over which the learning rate rises.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Changes of image inputs, or null.</summary>
    public ImageAugmentation? Augmentation { get; init; }

    /// <summary>Whether a method compares logits; the others compare inner values.</summary>
    public static bool ComparesLogits(string method) => method is not (Blockwise or Feature);

    /// <summary>r of lora.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α of lora; null for twice the rank.</summary>
    public double? Alpha { get; init; }
}
