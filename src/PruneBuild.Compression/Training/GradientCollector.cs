using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Natives;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>
/// Gradients of a model's loss by its weights, sample by sample. A language model's loss is the mean negative log-likelihood of
/// every token after the ones before it. Other data has no labels, and the distance to the model itself has no gradient: there
/// it is the negative log-likelihood of the class that the model finds most likely, whose gradient vanishes only where the model
/// is certain.
/// </summary>
public static class GradientCollector
{
    /// <summary>
    /// Runs the model forwards and backwards, once a sample. Memory: two FP64 numbers an element of the weights asked for, and
    /// for each thread one sample's activations and gradients.
    /// </summary>
    /// <param name="model">The model; unchanged.</param>
    /// <param name="sites">The layers whose weights are asked for; those not stored as float have no gradient.</param>
    /// <param name="batches">
    /// Calibration data, enumerated once: one sample per entry of the first dimension. Tokens are an input that indexes an embedding
    /// with a row per entry of the vocabulary, and all of them count.
    /// </param>
    /// <param name="threads">Samples at a time; the result is the same bits for any.</param>
    /// <param name="cancellation">Observed between samples.</param>
    /// <exception cref="PruneBuildException">
    /// PB3003: there are no batches. PB3004: a batch does not fit the model, or its loss is not finite. PB3007: a node is not supported, or
    /// the output holds no classes. PB0012, PB0013: libtorch does not load.
    /// </exception>
    public static WeightGradients Collect(
        OnnxModel model, IEnumerable<WeightSite> sites, IEnumerable<CalibrationBatch> batches, int threads, CancellationToken cancellation)
    {
        var names = sites.Where(site => site.Storage == WeightStorage.FullPrecision).Select(site => site.StoredName).Distinct().ToList();
        TorchNatives.Load();
        return Measure(model, names, batches, Math.Max(1, threads), cancellation);
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeightGradients Measure(
        OnnxModel model, IReadOnlyList<string> names, IEnumerable<CalibrationBatch> batches, int threads, CancellationToken cancellation)
    {
        var prediction = ModelPrediction.Of(model);
        using var graph = new TorchGraph(model, [prediction.Logits]);
        var loss = new LikelihoodLoss(prediction, model);
        var sums = names.ToDictionary(name => name, name => new Sums(model.Weights[name].Elements), StringComparer.Ordinal);
        // What does not lead to the loss has no gradient, which is a gradient of zero.
        string[] used = [.. names.Where(graph.Constants.ContainsKey)];
        var count = 0L;
        foreach (var samples in batches.SelectMany(Samples).Chunk(threads))
        {
            cancellation.ThrowIfCancellationRequested();
            var gradients = new float[samples.Length][][];
            try
            {
                Parallel.For(0, samples.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, index =>
                    gradients[index] = Gradients(graph, used, loss, samples[index]));
            }
            catch (AggregateException failures)
            {
                ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
            }
            // In the order of the samples, whatever the threads.
            Parallel.For(0, used.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, weight =>
            {
                foreach (var sample in gradients)
                    sums[used[weight]].Add(sample[weight]);
            });
            count += samples.Length;
        }
        return count > 0 ? new WeightGradients(sums.ToDictionary(pair => pair.Key, pair => pair.Value.Over(count)), count)
            : throw new PruneBuildException("PB3003", "gradients");
    }

    private static IEnumerable<CalibrationBatch> Samples(CalibrationBatch batch)
    {
        var data = TrainingData.FromBatches([batch]);
        for (var index = 0; index < data.Cases; index++)
        {
            var place = index;
            yield return new CalibrationBatch(data.Inputs.Keys.ToDictionary(name => name, name => data.Rows(name, [place])), batch.Source);
        }
    }

    private static float[][] Gradients(TorchGraph graph, string[] weights, LikelihoodLoss loss, CalibrationBatch sample)
    {
        using var single = new SingleTorchThread();
        using var scope = torch.NewDisposeScope();
        using var learning = torch.set_grad_enabled(true);
        var values = sample.Inputs.ToDictionary(input => input.Key, input => TorchTensors.Of(input.Value.Data, input.Value.Shape), StringComparer.Ordinal);
        // Leaves of its own, for other threads use the constants too.
        var leaves = Array.ConvertAll(weights, name => values[name] = graph.Constants[name].detach().requires_grad_());
        var likelihood = loss.Of(graph.Run(values).Values.Single(), values, sample.Source);
        var gradients = torch.autograd.grad([likelihood], leaves, allow_unused: true);
        return [.. leaves.Zip(gradients, (leaf, gradient) =>
            gradient is null || gradient.IsInvalid ? new float[leaf.numel()] : TorchTensors.Singles(gradient))];
    }

    /// <summary>Sums over the samples.</summary>
    private sealed class Sums(long elements)
    {
        private readonly double[] gradient = new double[elements];
        private readonly double[] square = new double[elements];

        public void Add(float[] sample)
        {
            for (var index = 0; index < sample.Length; index++)
            {
                gradient[index] += sample[index];
                square[index] += (double)sample[index] * sample[index];
            }
        }

        public WeightGradient Over(long count) => new(
            Array.ConvertAll(gradient, sum => (float)(sum / count)), Array.ConvertAll(square, sum => (float)(sum / count)));
    }
}
