using System.Diagnostics;
using System.Globalization;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting.Calibration;

/// <summary>
/// Times the sparse kernel that a layer was to get against the best dense one, on this machine, and revokes the choice when it
/// is not faster. Runs alternate, so that both see the same disturbances; the median of their ratios decides.
/// </summary>
/// <param name="threads">Threads a node runs on.</param>
/// <param name="seconds">Time spent on a layer.</param>
public sealed class KernelConfirmation(int threads = 1, double seconds = 0.2)
{
    private const int FewestPairs = 5;

    /// <summary>A model that is timed must fit one message of 2 GB.</summary>
    private const long MostWeights = 1L << 28;

    private readonly Lazy<MemoryReader> eviction = new(() => new(2 * (HostMachine.LastLevelCacheBytes() ?? 32 << 20), 1));

    /// <summary>Whether what this machine measures holds for a device.</summary>
    public static bool CanMeasure(Device device) => device.Rid == HostMachine.Rid;

    /// <summary>The plan with what was measured in its reason, and with the dense kernel where the sparse one is not faster.</summary>
    /// <param name="plan">A plan.</param>
    /// <param name="weights">The weights of the layer, asked for only when there is something to confirm.</param>
    public LayerPlan Confirm(LayerPlan plan, Func<WeightMatrix> weights)
    {
        var layer = plan.Layer;
        if (!plan.Chosen.IsSparse)
            return plan;
        if (layer.IsConv || layer.Weights > MostWeights || layer.BatchRows > int.MaxValue)
            return plan with { Reason = $"{plan.Reason}; not measured" };
        var dense = plan.Candidates.Where(candidate => candidate is { IsSparse: false, Obstacle: null }).MinBy(candidate => candidate.Microseconds)!;
        var ratio = Ratio(plan.Chosen, dense, layer, weights());
        var measured = string.Create(CultureInfo.InvariantCulture, $"measured {ratio:F2} times as fast as {dense.Kernel}");
        return ratio >= 1
            ? plan with { Reason = $"{plan.Reason}; {measured}" }
            : plan with { Chosen = dense, Reason = $"refused: {plan.Chosen.Kernel} {measured}; predicted {plan.Reason}" };
    }

    private double Ratio(KernelCandidate sparse, KernelCandidate dense, LayerShape layer, WeightMatrix weights)
    {
        var format = PackedFormats.Find(sparse.Kernel)!;
        var precision = Enum.GetValues<WeightPrecision>().First(precision => KernelName.Of(precision) == dense.Precision);
        var rows = (int)layer.BatchRows;
        using var ours = new TimedModel(NodeModels.Sparse(format, format.Pack(weights), rows, layer.Inputs, layer.Outputs), threads);
        using var theirs = new TimedModel(NodeModels.Dense(precision, rows, layer.Inputs, layer.Outputs), threads);
        InterleavedTiming.WarmUp(ours, seconds);
        InterleavedTiming.WarmUp(theirs, seconds);
        var ratios = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (ratios.Count < FewestPairs || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
            ratios.Add(Once(theirs, dense.Regime) / Once(ours, sparse.Regime));
        return InterleavedTiming.Median(ratios);
    }

    /// <summary>One run in the state of the cache that the model leaves it in.</summary>
    private double Once(TimedModel model, MemoryRegime regime)
    {
        if (regime == MemoryRegime.Cache)
            model.Run();
        else
            eviction.Value.Read();
        return InterleavedTiming.Seconds(model, 1);
    }
}
