namespace PruneBuild.Targeting;

/// <summary>
/// Predicts the time of a kernel: the slower of moving the weights and multiplying them (Williams, Waterman and Patterson,
/// "Roofline: an insightful visual performance model", CACM 2009), plus the time of an empty node.
/// </summary>
internal sealed class Roofline(LayerShape layer, Device device, int threads)
{
    private readonly double bandwidth = Math.Min(
        threads * device.BandwidthBytesPerSecond.OneCore.Value, device.BandwidthBytesPerSecond.AllCores.Value);

    private readonly double cores = Math.Min(threads, device.Cores.Value);

    /// <summary>Where weights of this size are read from, when the whole model is stored as densely as this layer.</summary>
    public MemoryRegime Regime(long bytes) =>
        (double)bytes / layer.Weights * layer.ModelWeights <= device.LastLevelCacheBytes.Value
            ? MemoryRegime.Cache
            : MemoryRegime.Memory;

    /// <summary>Predicted time of the node.</summary>
    /// <param name="bytes">Weight bytes one run reads.</param>
    /// <param name="gemvRate">Weights a second on one core, one row, weights in the cache.</param>
    /// <param name="batchRate">Multiply-adds a second on one core, many rows.</param>
    /// <param name="overheadSeconds">Time of an empty node.</param>
    public double Microseconds(long bytes, double gemvRate, double batchRate, double overheadSeconds)
    {
        // A few rows never take less than one row does.
        var perCore = layer.BatchRows <= 1
            ? layer.Weights / gemvRate
            : Math.Max(layer.Weights / gemvRate, (double)layer.Weights * layer.BatchRows / batchRate);
        var compute = perCore / cores;
        // The rates were taken with the weights in the cache, so they hold its bandwidth already.
        var seconds = Regime(bytes) == MemoryRegime.Cache ? compute : Math.Max(compute, bytes / bandwidth);
        return (seconds + overheadSeconds) * 1e6;
    }
}
