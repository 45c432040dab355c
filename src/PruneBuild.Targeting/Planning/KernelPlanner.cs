using System.Globalization;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>
/// Chooses the kernel of a layer. Zeros alone give no speed: a sparse kernel is taken only where it is predicted to beat
/// the best dense kernel of any allowed precision by <see cref="RequiredGain"/>. Pure; the same arguments give the same plan.
/// </summary>
public static class KernelPlanner
{
    /// <summary>Share of the best dense time that a sparse kernel must save; below it, prediction errors decide.</summary>
    public const double RequiredGain = 0.10;

    /// <summary>A sparse kernel needs something to skip: rates are known from half of the pattern on, and far below they are guesses.</summary>
    public const double LeastSparsity = 0.25;

    /// <summary>Weights that share a scale in <see cref="KernelName.DenseInt4"/>.</summary>
    internal const int Int4Block = 32;

    /// <summary>Plans one layer.</summary>
    /// <param name="layer">The layer; at least one output and one input.</param>
    /// <param name="zeros">What formats would skip in its weights.</param>
    /// <param name="device">The target.</param>
    /// <param name="options">What may be used.</param>
    public static LayerPlan Plan(LayerShape layer, LayerZeros zeros, Device device, PlanOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layer.Weights, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(layer.BatchRows, 1);
        options ??= new PlanOptions();
        var roofline = new Roofline(layer, device, options.Threads);
        var candidates = new List<KernelCandidate>();
        // Saturation bars weights from dense int8, not the precision from the comparison: weights of 7 bits would run.
        var rivals = new List<KernelCandidate>();
        foreach (var precision in Enum.GetValues<WeightPrecision>())
        {
            var obstacle = DenseObstacle(layer, precision, options);
            var candidate = Dense(layer, precision, device, roofline);
            if (obstacle is null)
                rivals.Add(candidate);
            candidates.Add(candidate with { Obstacle = obstacle ?? Saturation(layer, precision, device) });
        }

        candidates.AddRange(PackedFormats.All.Where(format => format.IsExecutable).Select(format =>
            Sparse(format, layer, zeros, device, roofline, SparseObstacle(format, layer, device, options))));
        var dense = Fastest(candidates.Where(candidate => !candidate.IsSparse))!;
        var rival = Fastest(rivals)!;
        var sparse = Fastest(candidates.Where(candidate => candidate is { IsSparse: true, Sparsity: >= LeastSparsity }))
            ?? Fastest(candidates.Where(candidate => candidate.IsSparse));
        var wins = sparse is { Sparsity: >= LeastSparsity } && IsFaster(sparse, rival);
        return new LayerPlan(layer, wins ? sparse! : dense, Reason(layer, wins, sparse, rival, dense, candidates), candidates);
    }

    /// <summary>A candidate with its predicted time.</summary>
    internal static string Numbers(KernelCandidate candidate) => string.Create(
        CultureInfo.InvariantCulture,
        $"{candidate.Kernel} {candidate.Microseconds:F1} us (weights in {(candidate.Regime == MemoryRegime.Cache ? "cache" : "memory")})");

    private static KernelCandidate? Fastest(IEnumerable<KernelCandidate> candidates) =>
        candidates.Where(candidate => candidate.Obstacle is null).MinBy(candidate => candidate.Microseconds);

    private static KernelCandidate Dense(LayerShape layer, WeightPrecision precision, Device device, Roofline roofline)
    {
        var (kernel, bytes) = precision switch
        {
            WeightPrecision.EightBit => (layer.IsStatic ? KernelName.DenseInt8Static : KernelName.DenseInt8, layer.Weights + sizeof(float) * layer.Outputs),
            WeightPrecision.FourBit => (KernelName.DenseInt4, layer.Weights / 2 + sizeof(float) * (layer.Weights / Int4Block)),
            _ => (layer.IsQuantized ? KernelName.DenseFp32StoredInt8 : KernelName.DenseFp32, sizeof(float) * layer.Weights),
        };
        var name = KernelName.Of(precision);
        var rate = device.DenseWeightsPerSecond[name];
        var other = device.NodeOverheadSeconds.BuiltIn.Value + (precision == WeightPrecision.FullPrecision || layer.IsStatic ? 0 : roofline.QuantizeSeconds);
        return new KernelCandidate(
            kernel, name, false, bytes,
            roofline.Microseconds(bytes, new(rate.One.Value, rate.Few.Value, rate.Many.Value), other), roofline.Regime(bytes));
    }

    private static KernelCandidate Sparse(
        PackedFormat format, LayerShape layer, LayerZeros zeros, Device device, Roofline roofline, string? obstacle)
    {
        var precision = KernelName.Of(format.Precision);
        if (obstacle is not null)
            return new KernelCandidate(format.Name, precision, true, 0, 0, MemoryRegime.Memory, obstacle);
        var fit = zeros.Of(format);
        var bytes = format.PackedBytes(layer.Outputs, layer.Inputs, fit.Counts);
        var rates = device.SparseWeightsPerSecond[format.Name];
        var other = device.NodeOverheadSeconds.SparseMatMul.Value
            + (format.QuantizesActivations ? roofline.QuantizeSeconds : 0) + roofline.TransposeSeconds;
        return new KernelCandidate(
            format.Name, precision, true, bytes,
            roofline.Microseconds(bytes, new(rates.One.At(fit.Sparsity), rates.Few.At(fit.Sparsity), rates.Many.At(fit.Sparsity)), other),
            roofline.Regime(bytes),
            fit.Obstacle
                ?? (bytes > Array.MaxLength ? $"{bytes} packed bytes are more than a tensor holds" : null))
        {
            Sparsity = fit.Sparsity,
        };
    }

    private static string? DenseObstacle(LayerShape layer, WeightPrecision precision, PlanOptions options) =>
        layer.IsStatic ? (precision == WeightPrecision.EightBit ? null : "the activations are quantized")
        : precision == WeightPrecision.FullPrecision ? TooWide(layer, options)
        : layer.IsConv ? (precision == WeightPrecision.EightBit ? "a Conv needs the ranges of its activations beforehand" : $"no {KernelName.Of(precision)} Conv lowering yet")
        : layer.Obstacle
            ?? PrecisionObstacle(layer, precision, options)
            ?? (options.AllowInt8 ? null : "int8 activations are not allowed");

    /// <summary>A layer that nothing replaces keeps what it has.</summary>
    private static string? TooWide(LayerShape layer, PlanOptions options) =>
        options.AllowFullPrecision || layer.Obstacle is not null || layer.IsConv || !options.AllowInt8 ? null : "fewer bits are asked for";

    private static string? Saturation(LayerShape layer, WeightPrecision precision, Device device) =>
        precision == WeightPrecision.EightBit && device.SaturatesInt8 && !layer.IsWithinSevenBits
            ? "int8 products saturate on this device; weights of 7 bits would not"
            : null;

    private static string? SparseObstacle(PackedFormat format, LayerShape layer, Device device, PlanOptions options) =>
        layer.Obstacle
        ?? (format.Precision == WeightPrecision.FullPrecision ? TooWide(layer, options) : null)
        ?? (layer.IsConv ? ConvObstacle(format, layer) : null)
        ?? (format.Precision == WeightPrecision.FullPrecision && layer.IsQuantized ? "the weights are int8" : null)
        ?? PrecisionObstacle(layer, format.Precision, options)
        ?? (format.QuantizesActivations && !options.AllowInt8 ? "int8 activations are not allowed" : null)
        ?? (device.SparseWeightsPerSecond.ContainsKey(format.Name) ? null : $"no rate for {format.Name} on {device.Id}");

    private static string? ConvObstacle(PackedFormat format, LayerShape layer) =>
        !KernelRegistry.CanConvolve(format) ? $"{format.Name} has no convolution kernel"
        : layer.Channels % format.InputsPerUnit != 0 ? $"{layer.Channels} channels are not a multiple of {format.InputsPerUnit}"
        : null;

    private static string? PrecisionObstacle(LayerShape layer, WeightPrecision precision, PlanOptions options) => precision switch
    {
        WeightPrecision.FullPrecision => null,
        WeightPrecision.FourBit when layer.IsQuantized => "the weights are int8",
        WeightPrecision.EightBit when options.Precisions is null => layer.IsQuantized ? null : "the weights are not int8",
        _ => options.Precisions?.Contains(precision) == true ? null : $"{KernelName.Of(precision)} is not an allowed precision",
    };

    private static bool IsFaster(KernelCandidate sparse, KernelCandidate rival) => sparse.Microseconds <= (1 - RequiredGain) * rival.Microseconds;

    private static string Demand(KernelCandidate sparse, KernelCandidate rival) => string.Create(
        CultureInfo.InvariantCulture,
        $"a sparse kernel must {(IsFaster(sparse, rival) ? $"skip {LeastSparsity:P0} of the weights" : $"win by {RequiredGain:P0}")}");

    private static string Reason(
        LayerShape layer, bool wins, KernelCandidate? sparse, KernelCandidate rival, KernelCandidate dense, IReadOnlyList<KernelCandidate> candidates)
    {
        if (layer.Obstacle is not null)
            return $"refused: {layer.Obstacle}; {Numbers(dense)}";
        var kept = dense.Kernel == rival.Kernel ? "" : $"; {Numbers(dense)} stays";
        var decision = sparse is null ? $"{Numbers(dense)}; no sparse kernel can run these weights"
            : wins ? $"{Numbers(sparse)}, {Numbers(rival)}"
            : $"refused: {Numbers(sparse)}, {Numbers(rival)}; {Demand(sparse, rival)}{kept}";
        var barred = candidates.FirstOrDefault(candidate => candidate is { Kernel: KernelName.DenseInt8, Obstacle: not null });
        return layer.IsQuantized && barred is not null ? $"{decision}; {barred.Kernel}: {barred.Obstacle}" : decision;
    }
}
