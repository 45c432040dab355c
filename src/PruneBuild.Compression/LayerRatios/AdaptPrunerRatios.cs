namespace PruneBuild.Compression.LayerRatios;

/// <summary>
/// Raises the ratios in small steps, and measures the pruned model after each (Pan et al. 2025, "Adapt-Pruner"): s_l ← clip(s_l + Δ −
/// A imp_l, 0, 0.99) with Δ the ratio over the number of steps and imp_l the negative mean cosine of what enters and leaves the layer,
/// less its mean over the layers and divided by its largest magnitude. What is gone does not come back when s_l falls; the last step
/// is taken in part, so that the whole loses what is asked for.
/// </summary>
/// <param name="steps">Steps for the whole ratio, fewer or more where ratios are clipped.</param>
/// <param name="amplitude">A: how far ratios may drift apart in a step.</param>
public sealed class AdaptPrunerRatios(int steps = 50, double amplitude = 0.02) : IBlockRatios
{
    /// <inheritdoc/>
    public string Name => "adapt-pruner";

    /// <inheritdoc/>
    public double Most => 0.99;

    /// <inheritdoc/>
    public double[] Allocate(IReadOnlyList<double> sizes, double ratio, LayerCosines cosines)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ratio, Most);
        var wanted = new double[sizes.Count];
        var gone = new double[sizes.Count];
        var delta = ratio / steps;
        while (WeightedMean.Of(sizes, gone) < ratio)
        {
            var importance = Importance(cosines(gone));
            // Where only layers at the limit are to lose more, no step would lead on: the others share what is missing.
            if (gone.Zip(importance).All(layer => layer.Second > 0 || layer.First >= Most))
                return WeightedMean.Meet(sizes, ratio, 1, part => Array.ConvertAll(gone, value => value + (part * (Most - value))));
            var next = Step(importance, 1);
            if (WeightedMean.Of(sizes, Left(next)) >= ratio)
                return WeightedMean.Meet(sizes, ratio, 1, part => Left(Step(importance, part)));
            (wanted, gone) = (next, Left(next));
        }
        return gone;

        double[] Step(double[] importance, double part) =>
            [.. wanted.Select((value, layer) => Math.Clamp(value + (part * (delta - (amplitude * importance[layer]))), 0, Most))];
        double[] Left(double[] next) => [.. next.Select((value, layer) => Math.Max(value, gone[layer]))];
    }

    /// <summary>How important each layer is, −1 to 1 with mean 0.</summary>
    public static double[] Importance(IReadOnlyList<double> cosines)
    {
        var mean = cosines.Average();
        double[] centered = [.. cosines.Select(cosine => mean - cosine)];
        var largest = centered.Max(Math.Abs);
        return largest > 0 ? Array.ConvertAll(centered, value => value / largest) : centered;
    }
}
