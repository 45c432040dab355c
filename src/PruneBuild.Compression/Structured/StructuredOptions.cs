using PruneBuild.Compression.Recovery;

namespace PruneBuild.Compression.Structured;

/// <summary>What a budget counts.</summary>
public enum BudgetUnit
{
    /// <summary>Units of every class.</summary>
    Units,

    /// <summary>Multiply-accumulates of MatMul, Gemm and Conv.</summary>
    Macs,

    /// <summary>Bytes of their weights.</summary>
    Bytes,
}

/// <summary>How a budget is divided among the classes.</summary>
public enum WidthRule
{
    /// <summary>Every class keeps the same fraction.</summary>
    Uniform,

    /// <summary>Units go where the layers that read them lose least for what is saved.</summary>
    OutputError,
}

/// <summary>How much of a model must stay at most.</summary>
/// <param name="Unit">What is counted.</param>
/// <param name="Remaining">Fraction of the dense model, 0 to 1.</param>
public sealed record StructuredBudget(BudgetUnit Unit, double Remaining);

/// <summary>How to remove channels and neurons.</summary>
public sealed record StructuredOptions
{
    /// <summary>The target. Widths are rounded up to <see cref="Align"/>, so a unit budget is met from above.</summary>
    public StructuredBudget Budget { get; init; } = new(BudgetUnit.Units, 0.75);

    /// <summary>How importance is scored.</summary>
    public IUnitCriterion Criterion { get; init; } = new WeightNorm(2);

    /// <summary>How the budget is divided among the classes.</summary>
    public WidthRule Widths { get; init; }

    /// <summary>What repairs the layers that read the units.</summary>
    public RecoveryMethod Recovery { get; init; }

    /// <summary>Kept widths are multiples of this; by default 8 for channels, and 64 for neurons where there are 256 or more, 8 for fewer.</summary>
    public int? Align { get; init; }

    /// <summary>λ of least squares as a fraction of the covariance's mean diagonal.</summary>
    public double Ridge { get; init; } = LeastSquaresRecovery.DefaultRidge;

    /// <summary>Layers whose units stay: names of layers or of their weights, or globs.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>Most threads to use; the result is the same for any.</summary>
    public int Threads { get; init; } = 1;
}
