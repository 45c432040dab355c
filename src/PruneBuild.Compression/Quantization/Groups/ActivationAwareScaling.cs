using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Redistribution;
using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Makes the weights larger that see large inputs, so that rounding them loses less (Lin et al. 2024, "AWQ"): the inputs of a
/// group of layers are divided by s_j = ‖x_j‖^α in what makes them, their weights multiplied, and the model computes the same. Of
/// α = 0, 0.05 … 0.95 the one is taken at which rounding to the nearest level costs least, Σ tr(ΔW S ΔWᵀ) / n over the layers that read
/// the channels. Their implementation takes the mean of |x_j| and runs the layers on tokens kept; the root mean square and S = Σ x xᵀ
/// are what calibration has, and the loss is the same one. Layers that stay float have no say.
/// </summary>
/// <param name="options">Which layers get how many bits.</param>
public sealed class ActivationAwareScaling(GroupQuantizeOptions options) : ScaleFolding
{
    private const int Steps = 20;
    private const double Step = 0.05;

    // More outputs make the search slower, not better: each is a sample of the same loss.
    private const int MostOutputs = 512;

    /// <inheritdoc/>
    public override string Name => "awq";

    /// <inheritdoc/>
    public override bool NeedsStatistics => true;

    private protected override void Prepare(OnnxModel model) => NormalizationOffsets.Fold(model);

    private protected override (double[]? Scales, string? Reason) Choose(ScaledLayers layers)
    {
        if (layers.ActivationNorm() is not { } norms)
            return (null, "no calibrated layer reads the channels");
        var readers = layers.Readers()
            .Select(reader => (reader, bits: GroupModelQuantizer.BitsOf(layers.Model, reader.Site, layers.Sites, options)))
            .Where(pair => pair.bits is not null)
            .Select(pair => new Reader(pair.reader.Site.ReadMatrix(layers.Model), pair.reader.Fit, pair.reader.Units, options.Format with { Bits = pair.bits!.Value }, options.Threads))
            .ToList();
        if (readers.Count == 0)
            return (null, "no layer whose weights are quantized in groups reads the channels");
        double[]? best = null;
        var least = double.PositiveInfinity;
        for (var step = 0; step < Steps; step++)
        {
            // What the channels are multiplied by; a channel that is always zero, or no number, keeps its scale.
            var scales = Bounded(Array.ConvertAll(norms, norm => norm > 0 && double.IsFinite(norm) ? Math.Pow(norm, -step * Step) : double.NaN));
            var cost = readers.Sum(reader => reader.Cost(scales));
            if (cost < least)
                (best, least) = (step == 0 ? null : scales, cost);
        }
        return best is null ? (null, "no scale makes the rounding cost less") : (best, null);
    }

    /// <summary>Evenly spaced outputs of a layer.</summary>
    private sealed class Reader
    {
        private readonly float[] weights;
        private readonly InputStatistics statistics;
        private readonly int[] units;
        private readonly GroupFormat format;
        private readonly int threads;

        public Reader(float[] matrix, InputStatistics statistics, int[] units, GroupFormat format, int threads)
        {
            (this.statistics, this.units, this.format, this.threads) = (statistics, units, format, threads);
            var (inputs, outputs) = (units.Length, matrix.Length / units.Length);
            var kept = Math.Min(outputs, MostOutputs);
            weights = new float[kept * inputs];
            for (var row = 0; row < kept; row++)
                matrix.AsSpan((int)((long)row * outputs / kept) * inputs, inputs).CopyTo(weights.AsSpan(row * inputs));
        }

        /// <summary>What rounding costs once the channels were multiplied by their scales and the weights divided by them.</summary>
        public double Cost(double[] scales)
        {
            var inputs = units.Length;
            var scaled = new float[weights.Length];
            for (var index = 0; index < weights.Length; index++)
                scaled[index] = (float)(weights[index] / scales[units[index % inputs]]);
            var near = new RoundToNearest().Quantize(new GroupProblem(scaled, weights.Length / inputs, inputs, format) { Threads = threads }).Dequantize();
            for (var index = 0; index < near.Length; index++)
                near[index] = (float)(near[index] * scales[units[index % inputs]]);
            return OutputError.Squared(weights, near, statistics, threads) / Math.Max(1, statistics.Count);
        }
    }
}
