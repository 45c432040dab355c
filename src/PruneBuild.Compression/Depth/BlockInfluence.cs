using Microsoft.ML.OnnxRuntime;
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
        var names = blocks.SelectMany(block => new[] { block.Input, block.Output }).Distinct().ToList();
        var folder = Directory.CreateTempSubdirectory("prunebuild-influence-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            InstrumentedModel.Save(model, names, path);
            using var session = InstrumentedModel.Open(path, modelPath, threads);
            var (sums, rows) = (new double[blocks.Count], new long[blocks.Count]);
            foreach (var batch in batches)
            {
                cancellation.ThrowIfCancellationRequested();
                Add(session, batch, names, blocks, sums, rows);
            }
            return [.. sums.Zip(rows, (sum, count) => count == 0 ? 0 : 1 - (sum / count))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Add(InferenceSession session, CalibrationBatch batch, List<string> names, IReadOnlyList<ResidualBlock> blocks, double[] sums, long[] rows)
    {
        var inputs = session.InputNames.ToDictionary(name => name, name => BatchValues.Of(batch, name), StringComparer.Ordinal);
        try
        {
            using var options = new RunOptions();
            // A graph input cannot be fetched as an output, but its value is at hand.
            var fetched = names.Where(name => !inputs.ContainsKey(name)).ToList();
            using var results = session.Run(options, inputs, fetched);
            OrtValue Of(string name) => inputs.TryGetValue(name, out var input) ? input : results[fetched.IndexOf(name)];
            for (var block = 0; block < blocks.Count; block++)
            {
                var (x, y) = (Of(blocks[block].Input), Of(blocks[block].Output));
                var features = (int)y.GetTensorTypeAndShape().Shape[^1];
                var (sum, count) = Cosines(x.GetTensorDataAsSpan<float>(), y.GetTensorDataAsSpan<float>(), features);
                sums[block] += sum;
                rows[block] += count;
            }
        }
        finally
        {
            foreach (var value in inputs.Values)
                value.Dispose();
        }
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
