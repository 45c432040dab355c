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

    private const string Fp32 = "fp32";
    private const string Int8 = "int8";

    /// <summary>Why a Conv keeps its dense float kernel.</summary>
    internal const string NoConvKernel = "no sparse Conv kernel yet";

    /// <summary>Plans one layer.</summary>
    /// <param name="layer">The layer; at least one output and one input.</param>
    /// <param name="device">The target.</param>
    /// <param name="options">What may be used.</param>
    public static LayerPlan Plan(LayerShape layer, Device device, PlanOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layer.Weights, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(layer.BatchRows, 1);
        options ??= new PlanOptions();
        var roofline = new Roofline(layer, device, options.Threads);
        var int8Obstacle = Int8Obstacle(layer, options.AllowInt8);
        var denseFp32 = DenseFp32(layer, device, roofline);
        var denseInt8 = DenseInt8(layer, device, roofline, int8Obstacle);
        IReadOnlyList<KernelCandidate> candidates =
        [
            denseFp32,
            denseInt8,
            SparseInt8(layer, device, roofline, int8Obstacle),
            SparseFp32(layer, device, roofline),
        ];
        var dense = denseInt8.Obstacle is null ? Faster(denseFp32, denseInt8) : denseFp32;
        // Saturation bars these weights from dense int8, not the precision from the comparison: weights of 7 bits would run.
        var rival = int8Obstacle is null ? Faster(denseFp32, denseInt8) : denseFp32;
        var sparse = candidates.Where(candidate => candidate is { IsSparse: true, Obstacle: null }).MinBy(candidate => candidate.Microseconds);
        var wins = sparse is not null && sparse.Microseconds <= (1 - RequiredGain) * rival.Microseconds;
        return new LayerPlan(layer, wins ? sparse! : dense, Reason(layer, wins, sparse, rival, dense, candidates), candidates);
    }

    private static KernelCandidate Faster(KernelCandidate fp32, KernelCandidate int8) =>
        int8.Microseconds < fp32.Microseconds ? int8 : fp32;

    private static KernelCandidate DenseFp32(LayerShape layer, Device device, Roofline roofline)
    {
        var bytes = 4 * layer.Weights;
        return Dense(
            layer.IsQuantized ? KernelName.DenseFp32StoredInt8 : KernelName.DenseFp32, bytes,
            Fp32, device, roofline, null);
    }

    private static KernelCandidate DenseInt8(LayerShape layer, Device device, Roofline roofline, string? obstacle)
    {
        if (IsConv(layer))
            obstacle = "no int8 Conv lowering yet";
        obstacle ??= device.SaturatesInt8 && !layer.IsWithinSevenBits
            ? "int8 products saturate on this device; weights of 7 bits would not"
            : null;
        return Dense(
            KernelName.DenseInt8, layer.Weights + sizeof(float) * layer.Outputs, Int8, device, roofline, obstacle);
    }

    private static KernelCandidate SparseInt8(LayerShape layer, Device device, Roofline roofline, string? obstacle) =>
        Sparse(Block8x4Int8.Format, layer.Block8x4Sparsity, layer, device, roofline, obstacle);

    private static KernelCandidate SparseFp32(LayerShape layer, Device device, Roofline roofline) => Sparse(
        Block8x1Float32.Format, layer.Block8x1Sparsity, layer, device, roofline,
        IsConv(layer) ? NoConvKernel : layer.IsQuantized ? "the weights are int8" : null);

    private static KernelCandidate Dense(
        string kernel, long bytes, string precision, Device device, Roofline roofline, string? obstacle)
    {
        var rate = device.DenseWeightsPerSecond[precision];
        return new KernelCandidate(
            kernel, precision, false, bytes,
            roofline.Microseconds(bytes, rate.Gemv.Value, rate.Batch.Value, device.NodeOverheadSeconds.BuiltIn.Value),
            roofline.Regime(bytes), obstacle);
    }

    private static KernelCandidate Sparse(
        PackedFormat format, double sparsity, LayerShape layer, Device device, Roofline roofline, string? obstacle)
    {
        var rates = device.SparseWeightsPerSecond[format.Name];
        var (gemv, batch) = (rates.Gemv.At(sparsity), rates.Batch.At(sparsity));
        var bytes = format.PackedBytes(layer.Outputs, layer.Inputs, format.ExpectedCounts(layer.Outputs, layer.Inputs, sparsity));
        obstacle ??= layer.Inputs > format.MaxInputs ? $"{layer.Inputs} inputs are more than the format's {format.MaxInputs}"
            : bytes > Array.MaxLength ? $"{bytes} packed bytes are more than a tensor holds"
            : null;
        return new KernelCandidate(
            format.Name, format.QuantizesActivations ? Int8 : Fp32, true, bytes,
            roofline.Microseconds(bytes, gemv, batch, device.NodeOverheadSeconds.SparseMatMul.Value),
            roofline.Regime(bytes), obstacle);
    }

    private static string? Int8Obstacle(LayerShape layer, bool allowed) =>
        IsConv(layer) ? NoConvKernel
        : !layer.IsQuantized ? "the weights are not int8"
        : allowed ? null : "int8 activations are not allowed";

    private static bool IsConv(LayerShape layer) => layer.Op == "Conv";

    private static string Reason(
        LayerShape layer, bool wins, KernelCandidate? sparse, KernelCandidate rival, KernelCandidate dense, IReadOnlyList<KernelCandidate> candidates)
    {
        if (IsConv(layer))
            return $"refused: {NoConvKernel}; {Numbers(dense)}";
        var gain = RequiredGain.ToString("P0", CultureInfo.InvariantCulture);
        var kept = ReferenceEquals(dense, rival) ? "" : $"; {Numbers(dense)} stays";
        var decision = sparse is null ? $"{Numbers(dense)}; no sparse kernel can run these weights"
            : wins ? $"{Numbers(sparse)}, {Numbers(rival)}"
            : $"refused: {Numbers(sparse)}, {Numbers(rival)}; a sparse kernel must win by {gain}{kept}";
        var obstacles = candidates
            .Where(candidate => layer.IsQuantized && candidate is { Precision: Int8, Obstacle: not null })
            .Select(candidate => $"; {candidate.Kernel}: {candidate.Obstacle}");
        return decision + string.Concat(obstacles);
    }

    private static string Numbers(KernelCandidate candidate) => string.Create(
        CultureInfo.InvariantCulture,
        $"{candidate.Kernel} {candidate.Microseconds:F1} us (weights in {(candidate.Regime == MemoryRegime.Cache ? "cache" : "memory")})");
}
