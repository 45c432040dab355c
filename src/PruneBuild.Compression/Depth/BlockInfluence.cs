using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Depth;

/// <summary>
/// How much a residual block turns what flows through it: 1 − E[cos(x, y)] over the rows of the last axis (Men et al. 2024,
/// "ShortGPT", Block Influence). 0 for a block that changes nothing; the least influential are removed first.
/// </summary>
public static class BlockInfluence
{
    /// <summary>The influence of every block, in their order.</summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="blocks">From <see cref="TransformerView.ResidualBlocks"/>.</param>
    /// <param name="batches">Calibration data.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB2012: ONNX Runtime rejects the model. PB3004: a batch does not fit its inputs.</exception>
    public static IReadOnlyList<double> Measure(
        OnnxModel model, string modelPath, IReadOnlyList<ResidualBlock> blocks, IEnumerable<CalibrationBatch> batches, int threads, CancellationToken cancellation)
    {
        if (blocks.Count == 0)
            return [];
        using var stream = new ActivationStream(model, modelPath, threads, Path.GetTempPath());
        stream.Fill(batches, cancellation);
        return Measure(stream, [.. blocks.Select(block => (block.Input, block.Output))], cancellation);
    }

    /// <summary>The same for any parts of a stream's model; what enters and leaves them is kept afterwards.</summary>
    internal static IReadOnlyList<double> Measure(ActivationStream stream, IReadOnlyList<(string Input, string Output)> blocks, CancellationToken cancellation)
    {
        var names = blocks.SelectMany(block => new[] { block.Input, block.Output }).Distinct().ToList();
        stream.Advance(new StreamRequest(names, []) { KeepTargets = true }, null, cancellation);
        return [.. blocks.Select(block =>
        {
            cancellation.ThrowIfCancellationRequested();
            double sum = 0;
            long rows = 0;
            for (var batch = 0; batch < stream.Batches; batch++)
            {
                using var x = stream.Read(block.Input, batch);
                using var y = stream.Read(block.Output, batch);
                var part = Cosines(x.GetTensorDataAsSpan<float>(), y.GetTensorDataAsSpan<float>(), (int)y.GetTensorTypeAndShape().Shape[^1]);
                sum += part.Sum;
                rows += part.Count;
            }
            return rows == 0 ? 0 : 1 - (sum / rows);
        })];
    }

    /// <summary>Sum of the cosines of paired rows; rows that are zero have no direction and do not count.</summary>
    private static (double Sum, long Count) Cosines(ReadOnlySpan<float> left, ReadOnlySpan<float> right, int features)
    {
        double sum = 0;
        long count = 0;
        for (var start = 0; start < left.Length; start += features)
        {
            double product = 0, first = 0, second = 0;
            for (var index = start; index < start + features; index++)
            {
                product += (double)left[index] * right[index];
                first += (double)left[index] * left[index];
                second += (double)right[index] * right[index];
            }
            if (first == 0 || second == 0)
                continue;
            sum += product / Math.Sqrt(first * second);
            count++;
        }
        return (sum, count);
    }
}
