using PruneBuild.Runtime;

namespace PruneBuild.Compression.Quantization;

/// <summary>A precision that a weight can have.</summary>
/// <param name="Precision">The precision.</param>
/// <param name="Cost">What it costs of the budget: bytes or microseconds, not negative.</param>
/// <param name="Loss">What it costs the model, not negative; losses of several weights are taken to add up.</param>
public sealed record PrecisionOption(WeightPrecision Precision, double Cost, double Loss);

/// <summary>One precision for every weight.</summary>
/// <param name="Chosen">The option of each weight, by its place among the weight's options.</param>
/// <param name="Cost">Sum of their costs.</param>
/// <param name="Loss">Sum of their losses.</param>
public sealed record PrecisionAllocation(IReadOnlyList<int> Chosen, double Cost, double Loss)
{
    /// <summary>Sums up.</summary>
    internal static PrecisionAllocation Of(IReadOnlyList<IReadOnlyList<PrecisionOption>> weights, IReadOnlyList<int> chosen) => new(
        chosen, weights.Select((options, index) => options[chosen[index]].Cost).Sum(), weights.Select((options, index) => options[chosen[index]].Loss).Sum());
}
