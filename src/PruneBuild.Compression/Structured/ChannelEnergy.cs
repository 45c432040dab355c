namespace PruneBuild.Compression.Structured;

/// <summary>What the channels of a hidden state carry. Sums are FP64, in the order of samples and rows.</summary>
public static class ChannelEnergy
{
    /// <summary>
    /// Adds Σ over samples of (mean over the rows of a sample of |u|)², the aggregate of Muralidharan et al. 2024, "Compact Language
    /// Models via Pruning and Knowledge Distillation" (mean over the sequence, L2 over the batch).
    /// </summary>
    /// <param name="values">[samples, rows, channels].</param>
    /// <param name="samples">Sequences.</param>
    /// <param name="sums">[channels].</param>
    public static void Add(ReadOnlySpan<float> values, int samples, Span<double> sums)
    {
        var (channels, perSample) = (sums.Length, values.Length / samples);
        var rows = perSample / channels;
        var means = new double[channels];
        for (var sample = 0; sample < samples && rows > 0; sample++)
        {
            Array.Clear(means);
            var own = values.Slice(sample * perSample, perSample);
            for (var index = 0; index < own.Length; index++)
                means[index % channels] += Math.Abs(own[index]);
            for (var channel = 0; channel < channels; channel++)
                sums[channel] += means[channel] / rows * (means[channel] / rows);
        }
    }

    /// <summary>The mean square over some channels of a row, summed over the rows; of the deviation from their mean where it is centered.</summary>
    /// <param name="values">[rows, channels].</param>
    /// <param name="channels">Channels of a row.</param>
    /// <param name="chosen">Those that count.</param>
    /// <param name="isCentered">Whether the mean over the chosen ones is subtracted.</param>
    public static double MeanSquare(ReadOnlySpan<float> values, int channels, IReadOnlyList<int> chosen, bool isCentered)
    {
        double total = 0;
        for (var start = 0; start < values.Length; start += channels)
        {
            double sum = 0, squares = 0;
            foreach (var channel in chosen)
            {
                double value = values[start + channel];
                sum += value;
                squares += value * value;
            }
            var mean = isCentered ? sum / chosen.Count : 0;
            total += Math.Max(0, (squares / chosen.Count) - (mean * mean));
        }
        return total;
    }
}
