namespace PruneBuild.Compression.Drift;

/// <summary>How far the first output of an edited model is from its parent's, on the same cases.</summary>
/// <param name="Rows">Rows of the last axis: cases, or tokens.</param>
/// <param name="RelativeError">‖edited − parent‖ / ‖parent‖ over everything.</param>
/// <param name="LargestChange">The largest |edited − parent| of a single number.</param>
public sealed record LogitDrift(long Rows, double RelativeError, double LargestChange)
{
    /// <summary>Mean KL(parent ‖ edited) of a row in nats; null where the output is not classes.</summary>
    public double? Kl { get; init; }

    /// <summary>The divergence that 95 % of the rows do not exceed.</summary>
    public double? Kl95 { get; init; }

    /// <summary>The divergence that 99 % of the rows do not exceed.</summary>
    public double? Kl99 { get; init; }

    /// <summary>Share of rows whose highest class is the parent's.</summary>
    public double? Top1 { get; init; }

    /// <summary>Against what is right, where that is known.</summary>
    public LabelDrift? Labels { get; init; }
}

/// <summary>Parent and edited model against labels, such as the tokens that followed.</summary>
/// <param name="Rows">Rows with a label.</param>
/// <param name="ParentLoss">The parent's mean negative log-likelihood in nats.</param>
/// <param name="Loss">The edited model's.</param>
/// <param name="ParentRight">Share of rows that the parent has right.</param>
/// <param name="Right">Share of rows that the edited model has right.</param>
/// <param name="Lost">Share of rows that only the parent has right.</param>
/// <param name="Won">Share of rows that only the edited model has right.</param>
public sealed record LabelDrift(long Rows, double ParentLoss, double Loss, double ParentRight, double Right, double Lost, double Won);
