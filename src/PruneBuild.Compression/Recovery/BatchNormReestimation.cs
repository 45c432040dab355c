using System.Runtime.CompilerServices;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Natives;
using PruneBuild.Compression.Training;
using PruneBuild.Compression.Training.Operators;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Recovery;

/// <summary>
/// Measures the means and variances of batch normalization anew on the edited model. Pruning changes the distribution of every
/// activation behind it; the stored statistics are those of the dense model. Each layer normalizes with the statistics of its
/// batch, as in training, and keeps the plain average over the batches of the batch means and of the unbiased batch variances
/// (Ioffe and Szegedy 2015, algorithm 2).
/// </summary>
public static class BatchNormReestimation
{
    /// <summary>Replaces the statistics of every batch normalization that leads to an output of the model.</summary>
    /// <param name="model">The edited model; its stored statistics change, under the same names and shapes.</param>
    /// <param name="batches">Typical inputs, some hundred cases in all; a batch should hold at least 50. Enumerated once.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <returns>How many layers were re-estimated; 0 when the model has none or no batches came. The result does not depend on threads.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB3007: a node is not supported. PB0012, PB0013: libtorch does not load.</exception>
    public static int Apply(OnnxModel model, IEnumerable<CalibrationBatch> batches, CancellationToken cancellation = default)
    {
        if (!model.Graph.Node.Any(node => node.OpType == "BatchNormalization"))
            return 0;
        TorchNatives.Load();
        return Measure(model, batches, cancellation);
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Measure(OnnxModel model, IEnumerable<CalibrationBatch> batches, CancellationToken cancellation)
    {
        using var single = new SingleTorchThread();
        using var quiet = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var graph = new TorchGraph(model, [.. model.Graph.Output.Select(output => output.Name)]);
        var layers = graph.BatchNormalizations.Where(layer => graph.Constants.ContainsKey(layer.Input[3]) && graph.Constants.ContainsKey(layer.Input[4])).ToList();
        var (means, variances) = (new double[]?[layers.Count], new double[]?[layers.Count]);
        var count = 0;
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = torch.NewDisposeScope();
            var statistics = new Dictionary<string, BatchStatistics>(StringComparer.Ordinal);
            graph.Run(batch.Inputs.ToDictionary(input => input.Key, input => TorchTensors.Of(input.Value.Data, input.Value.Shape)), statistics);
            for (var index = 0; index < layers.Count; index++)
            {
                using var mean = statistics[layers[index].Output[0]].Mean;
                using var variance = statistics[layers[index].Output[0]].Variance;
                Add(ref means[index], TorchTensors.Singles(mean));
                Add(ref variances[index], TorchTensors.Singles(variance));
            }
            count++;
        }
        if (count == 0)
            return 0;
        for (var index = 0; index < layers.Count; index++)
        {
            Store(model, layers[index].Input[3], means[index]!, count);
            Store(model, layers[index].Input[4], variances[index]!, count);
        }
        return layers.Count;
    }

    private static void Add(ref double[]? sums, float[] values)
    {
        sums ??= new double[values.Length];
        for (var index = 0; index < values.Length; index++)
            sums[index] += values[index];
    }

    private static void Store(OnnxModel model, string name, double[] sums, int count) =>
        model.SetWeight(name, [sums.Length], [.. sums.Select(sum => (float)(sum / count))]);
}
