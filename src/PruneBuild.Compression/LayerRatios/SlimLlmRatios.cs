namespace PruneBuild.Compression.LayerRatios;

/// <summary>
/// Layers whose output points where their input does lose more (SlimLLM, Guo et al. 2025): of the n layers with the largest mean
/// cosine c, layer l loses p n softmax(α c)_l, the others nothing. No layer loses more than 0.9; p is the one at which the whole loses
/// what is asked for, so what a clamped layer cannot give comes from the others in proportion. Where n layers cannot give it, the
/// next ones are taken as well. Of equal cosines the earlier layer counts as the larger.
/// </summary>
/// <param name="alpha">α; published with 10 for a ratio of 0.2 and 7 for 0.5.</param>
/// <param name="share">n as a fraction of the layers; published with 26/32 for a ratio of 0.2 and 30/32 for 0.5.</param>
public sealed class SlimLlmRatios(double alpha = 10, double share = 26 / 32.0) : IBlockRatios
{
    /// <inheritdoc/>
    public string Name => "slimllm";

    /// <inheritdoc/>
    public double Most => 0.9;

    /// <inheritdoc/>
    public double[] Allocate(IReadOnlyList<double> sizes, double ratio, LayerCosines cosines)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ratio, Most);
        var dense = cosines(new double[sizes.Count]);
        List<int> order = [.. Enumerable.Range(0, sizes.Count).OrderByDescending(layer => dense[layer]).ThenBy(layer => layer)];
        var count = Math.Clamp((int)Math.Round(share * sizes.Count), 1, sizes.Count);
        while (count < sizes.Count && Most * order.Take(count).Sum(layer => sizes[layer]) < ratio * sizes.Sum())
            count++;
        var weights = new double[sizes.Count];
        foreach (var layer in order.Take(count))
            weights[layer] = Math.Exp(alpha * (dense[layer] - dense[order[0]]));
        var total = weights.Sum();
        for (var layer = 0; layer < weights.Length; layer++)
            weights[layer] *= count / total;
        var highest = Most / order.Take(count).Min(layer => weights[layer]);
        return WeightedMean.Meet(sizes, ratio, highest, p => Array.ConvertAll(weights, weight => Math.Min(Most, p * weight)));
    }
}
