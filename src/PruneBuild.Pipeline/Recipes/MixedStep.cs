using PruneBuild.Evaluation;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>What bounds the choice among precisions.</summary>
public enum MixedUnit
{
    /// <summary>Stored bytes of the linear layers' weights.</summary>
    Bytes,

    /// <summary>Predicted time of the linear layers in one inference.</summary>
    Milliseconds,

    /// <summary>Mean divergence from the model that is not quantized, in nats.</summary>
    Kl,
}

/// <summary>A precision for every weight, by what it costs the model.</summary>
/// <param name="Unit">What is bounded.</param>
/// <param name="Most">How much there may be.</param>
/// <param name="At">Where the recipe says so.</param>
public sealed record MixedStep(MixedUnit Unit, double Most, SourceLocation At)
{
    /// <summary>Names of precisions in recipes.</summary>
    internal static readonly (string Name, WeightPrecision Precision)[] Known =
        [("int4", WeightPrecision.FourBit), ("int8", WeightPrecision.EightBit), ("float", WeightPrecision.FullPrecision)];

    /// <summary>greedy or knapsack.</summary>
    public string Search { get; init; } = "knapsack";

    /// <summary>int4, int8 and float, or some of them.</summary>
    public IReadOnlyList<string> Precisions { get; init; } = [.. Known.Select(known => known.Name)];

    /// <summary>The unit as recipes write it.</summary>
    public string UnitName => Unit.ToString().ToLowerInvariant();
}
