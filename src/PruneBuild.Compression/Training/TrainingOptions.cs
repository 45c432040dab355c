namespace PruneBuild.Compression.Training;

/// <summary>How the weights follow the gradient.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013).</summary>
    NesterovSgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,
}

/// <summary>Random changes of image inputs [N, C, H, W]; every case draws its own.</summary>
/// <param name="HorizontalFlip">Half of the cases are mirrored.</param>
/// <param name="Shift">Largest shift in pixels either way, down and right; what moves in is zero.</param>
public sealed record ImageAugmentation(bool HorizontalFlip = true, int Shift = 3);

/// <summary>
/// How a model is trained. With a budget in steps alone, the same models, data and options give the same bits on every run and
/// for every <see cref="Threads"/>; a budget in time ends where the clock says.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>Most optimizer steps.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>Most time, evaluation included; null for no limit. The learning rate follows whichever budget is nearer its end.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Cases of a step.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>
    /// Equal parts of a batch, each run on one libtorch thread and added up in order; batch normalization measures each part by
    /// itself. Part of the result, unlike <see cref="Threads"/>.
    /// </summary>
    public int MicroBatches { get; init; } = 2;

    /// <summary>Micro-batches that run at the same time. Changes the speed only.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Seed of the order of the cases, the hold-out, the augmentation and the adapters.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.NesterovSgd;

    /// <summary>Learning rate after the warm-up; it falls to zero along half a cosine.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>Momentum of <see cref="OptimizerKind.NesterovSgd"/>.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decay of the weights, of matrices and kernels only.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Steps over which the learning rate rises from zero.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Largest norm of the gradient of all parameters together; 0 for no limit.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Fraction of the cases kept from training, whose loss picks the weights; 0 keeps the last weights.</summary>
    public double HoldOut { get; init; } = 0.1;

    /// <summary>Steps between two looks at the hold-out.</summary>
    public int EvaluateEvery { get; init; } = 50;

    /// <summary>Looks without an improvement after which training stops; 0 never stops early.</summary>
    public int Patience { get; init; }

    /// <summary>Changes of image inputs while training, or null.</summary>
    public ImageAugmentation? Augmentation { get; init; }

    /// <summary>
    /// Batch normalization uses the statistics of the batch while training, and the stored ones follow with
    /// <see cref="BatchNormMomentum"/>; otherwise they stay as they are.
    /// </summary>
    public bool TrainBatchNorm { get; init; } = true;

    /// <summary>
    /// Bytes of what the teacher computes that are kept for the next epoch, where no augmentation changes the cases; 0 to compute it
    /// every time.
    /// </summary>
    public long TeacherMemory { get; init; } = 1L << 30;

    /// <summary>Weight of the newest statistics.</summary>
    public double BatchNormMomentum { get; init; } = 0.1;
}

/// <summary>What a training did.</summary>
/// <param name="Method">Which recovery.</param>
/// <param name="Steps">Optimizer steps taken.</param>
/// <param name="Elapsed">Time taken.</param>
/// <param name="Parameters">Trained numbers, those that a mask holds at zero not counted.</param>
/// <param name="LossBefore">Loss of the student as it came: of the hold-out, or without one of the first step.</param>
/// <param name="LossAfter">Loss of the weights kept: of the hold-out, or without one of the last step.</param>
/// <param name="StopReason">Why it ended: "steps", "time", "hold-out" or "non-finite loss".</param>
public sealed record TrainingReport(
    string Method, int Steps, TimeSpan Elapsed, long Parameters, double LossBefore, double LossAfter, string StopReason);
