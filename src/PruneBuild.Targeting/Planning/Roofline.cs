namespace PruneBuild.Targeting;

/// <summary>Rates of one kernel at one sparsity, dense-equivalent multiply-adds a second on one core.</summary>
/// <param name="One">One row.</param>
/// <param name="Few">2 to 15 rows.</param>
/// <param name="Many">16 rows or more.</param>
internal readonly record struct RowRates(double One, double Few, double Many)
{
    /// <summary>Seconds on one core. More rows never take less than one row does.</summary>
    public double Seconds(long weights, long rows) => rows <= 1
        ? weights / One
        : Math.Max(weights / One, (double)weights * rows / (rows < 16 ? Few : Many));
}

/// <summary>
/// Predicts the time of a kernel: the slower of moving the weights and multiplying them (Williams, Waterman and Patterson,
/// "Roofline: an insightful visual performance model", CACM 2009), plus what does not depend on the weights: the time of an
/// empty node, of quantizing activations, of transposing them.
/// </summary>
internal sealed class Roofline(LayerShape layer, Device device, int threads)
{
    private readonly double bandwidth = Math.Min(
        threads * device.BandwidthBytesPerSecond.OneCore.Value, device.BandwidthBytesPerSecond.AllCores.Value);

    private readonly double cores = Math.Min(threads, device.Cores.Value);

    /// <summary>Time to quantize the layer's activations.</summary>
    public double QuantizeSeconds => layer.Activations * device.QuantizeSecondsPerElement.Value;

    /// <summary>Time to bring a Conv's activations to channels-last and its result back; none for other layers.</summary>
    public double TransposeSeconds => layer.IsConv
        ? (layer.Activations + layer.BatchRows * layer.Outputs) * device.TransposeSecondsPerElement.Value
        : 0;

    /// <summary>Where weights of this size are read from, when the whole model is stored as densely as this layer.</summary>
    public MemoryRegime Regime(long bytes) =>
        (double)bytes / layer.Weights * layer.ModelWeights <= device.LastLevelCacheBytes.Value
            ? MemoryRegime.Cache
            : MemoryRegime.Memory;

    /// <summary>Predicted time of the node.</summary>
    /// <param name="bytes">Weight bytes one run reads.</param>
    /// <param name="rates">Rates of the kernel, weights in the cache.</param>
    /// <param name="otherSeconds">What does not depend on the weights.</param>
    public double Microseconds(long bytes, RowRates rates, double otherSeconds)
    {
        var compute = rates.Seconds(layer.Weights, layer.BatchRows) / cores;
        // The rates were taken with the weights in the cache, so they hold its bandwidth already.
        var seconds = Regime(bytes) == MemoryRegime.Cache ? compute : Math.Max(compute, bytes / bandwidth);
        return (seconds + otherSeconds) * 1e6;
    }
}
