using System.Diagnostics;
using System.Runtime.ExceptionServices;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Natives;
using PruneBuild.Compression.Training.Operators;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>
/// Trains a student towards its dense parent. A batch is cut into micro-batches, each run on one libtorch thread with leaves of
/// its own over the shared parameters; their gradients are added in order. So sums do not depend on how many run at a time.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private readonly TrainingOptions options;
    private readonly TrainingData data;
    private readonly IParameterization parameterization;
    private readonly IDistillationLoss loss;
    private readonly TorchGraph student;
    private readonly TorchGraph teacher;
    private readonly torch.Tensor parameters;
    private readonly torch.Tensor? movable;
    private readonly torch.Tensor? decayed;
    private readonly Dictionary<string, torch.Tensor> statistics = new(StringComparer.Ordinal);
    private readonly List<(string Output, string Mean, string Variance)> layers;
    private readonly TeacherValues? wanted;
    private readonly IOptimizer optimizer;
    private readonly Random random;
    private readonly int[] trained;
    private readonly int[] heldOut;
    private int[] order = [];
    private int next;

    /// <summary>Prepares a training; nothing has moved yet.</summary>
    public Trainer(
        OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options, IParameterization parameterization, IDistillationLoss loss)
    {
        (this.options, this.data, this.parameterization, this.loss) = (options, data, parameterization, loss);
        this.student = new TorchGraph(student, loss.Values);
        this.teacher = new TorchGraph(teacher, loss.Values);
        parameters = Vector(parameterization.Initial);
        movable = parameterization.Movable is { } mask ? Vector(mask) : null;
        decayed = options.WeightDecay > 0 ? Vector(Decay(parameterization, options.WeightDecay)) : null;
        layers = options.TrainBatchNorm
            ? [.. this.student.BatchNormalizations.Select(layer => (layer.Output[0], layer.Input[3], layer.Input[4]))] : [];
        foreach (var name in layers.SelectMany(layer => new[] { layer.Mean, layer.Variance }).Distinct())
            statistics[name] = this.student.Constants[name].clone().DetachFromDisposeScope();
        optimizer = options.Optimizer switch
        {
            OptimizerKind.AdamW => new AdamW(parameters.numel()),
            _ => new NesterovSgd(parameters.numel(), options.Momentum),
        };
        wanted = options.Augmentation is null && options.TeacherMemory > 0 ? new TeacherValues(options.TeacherMemory) : null;
        random = new Random(options.Seed);
        var places = Enumerable.Range(0, data.Cases).ToArray();
        random.Shuffle(places);
        var held = Math.Min(data.Cases - 1, (int)Math.Round(data.Cases * options.HoldOut));
        (heldOut, trained) = (places[..held], places[held..]);
    }

    /// <summary>Trains, and leaves the best weights in place.</summary>
    public TrainingReport Run(string method, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var single = new SingleTorchThread();
        using var scope = torch.NewDisposeScope();
        var clock = Stopwatch.StartNew();
        var best = Snapshot();
        var before = heldOut.Length > 0 ? HoldOutLoss() : double.NaN;
        var (kept, after, worse, step, reason) = (before, before, 0, 0, "steps");
        using var previous = parameters.clone();
        for (; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (clock.Elapsed >= options.Time)
            {
                reason = "time";
                break;
            }
            if (!Step(LearningRate.At(options, step, clock.Elapsed), previous, out var training))
            {
                // The parameters of this step gave no number, so those before it are the last good ones.
                parameters.copy_(previous);
                reason = "non-finite loss";
                break;
            }
            progress?.Report(new TrainingProgress(step + 1, options.Steps, training));
            if (heldOut.Length == 0)
            {
                (before, after) = (step == 0 ? training : before, training);
                continue;
            }
            if ((step + 1) % options.EvaluateEvery != 0 && step + 1 < options.Steps)
                continue;
            after = HoldOutLoss();
            if (!(after < kept))
            {
                if (++worse == options.Patience)
                {
                    (reason, step) = ("hold-out", step + 1);
                    break;
                }
                continue;
            }
            (kept, worse) = (after, 0);
            best.Dispose();
            best = Snapshot();
        }
        if (heldOut.Length > 0)
        {
            // A budget in time ends between two looks.
            if (reason == "time" && HoldOutLoss() is var last && last < kept)
                kept = last;
            else
                Restore(best);
            after = kept;
        }
        best.Dispose();
        var count = parameterization.Movable?.LongCount(one => one != 0) ?? parameters.numel();
        return new TrainingReport(method, step, clock.Elapsed, count, before, after, reason);
    }

    /// <summary>Stores the weights, and the statistics of batch normalization, under their names and shapes.</summary>
    public void Store(OnnxModel model)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        foreach (var (name, value) in parameterization.Weights(Leaves()).Concat(statistics))
            model.SetWeight(name, model.Weights[name].Shape.ToArray(), TorchTensors.Singles(value));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        student.Dispose();
        teacher.Dispose();
        wanted?.Dispose();
        parameters.Dispose();
        movable?.Dispose();
        decayed?.Dispose();
        optimizer.Dispose();
        foreach (var value in statistics.Values)
            value.Dispose();
    }

    /// <summary>One optimizer step; false, with nothing moved, when the loss or the gradient is not finite.</summary>
    private bool Step(double learningRate, torch.Tensor previous, out double training)
    {
        using var scope = torch.NewDisposeScope();
        var places = NextBatch();
        var changes = options.Augmentation is { } augmentation
            ? places.Select(_ => Augmenter.Draw(augmentation, random)).ToArray() : [];
        var parts = Parts(places.Length).ToArray();
        var results = new MicroBatch[parts.Length];
        ForEach(parts.Length, index =>
        {
            var (start, count) = parts[index];
            var part = changes.Length > 0 ? changes.AsMemory(start, count) : default;
            results[index] = Gradient(places.AsMemory(start, count), part, count / (double)places.Length);
        });
        try
        {
            KeepWanted(results, parts.Select(part => (ReadOnlyMemory<int>)places.AsMemory(part.Start, part.Count)));
            return Follow(results, parts, places.Length, learningRate, previous, out training);
        }
        finally
        {
            foreach (var result in results)
                result.Dispose();
        }
    }

    private bool Follow(
        MicroBatch[] results, (int Start, int Count)[] parts, int cases, double learningRate, torch.Tensor previous, out double training)
    {
        training = results.Sum(result => result.Loss);
        var gradient = results[0].Gradient!;
        foreach (var result in results.Skip(1))
            gradient.add_(result.Gradient!, Scalars.OfInteger(1));
        if (movable is not null)
            gradient.mul_(movable);
        var norm = Math.Sqrt(gradient.square().sum(torch.ScalarType.Float64).item<double>());
        if (!double.IsFinite(training) || !double.IsFinite(norm))
            return false;
        if (options.ClipNorm > 0 && norm > options.ClipNorm)
        {
            using Scalar shrink = options.ClipNorm / norm;
            gradient.mul_(shrink);
        }
        previous.copy_(parameters);
        optimizer.Step(parameters, gradient, decayed, learningRate);
        FollowStatistics(results, parts, cases);
        return true;
    }

    private MicroBatch Gradient(ReadOnlyMemory<int> places, ReadOnlyMemory<ImageChange> changes, double share)
    {
        using var single = new SingleTorchThread();
        using var scope = torch.NewDisposeScope();
        using var learning = torch.set_grad_enabled(true);
        var inputs = Inputs(places.Span, changes.Span);
        var leaves = Leaves();
        foreach (var leaf in leaves)
            leaf.requires_grad_();
        var measured = layers.Count > 0 ? new Dictionary<string, BatchStatistics>(StringComparer.Ordinal) : null;
        var (target, isNew) = Wanted(inputs, places.Span);
        var distance = Distance(inputs, places.Span, parameterization.Weights(leaves), target, measured) * Scalars.Of(share);
        var gradients = torch.autograd.grad([distance], leaves, allow_unused: true);
        var flat = torch.cat(leaves.Zip(gradients, (leaf, gradient) => gradient is null || gradient.IsInvalid
            ? torch.zeros([leaf.numel()], dtype: torch.ScalarType.Float32) : gradient.reshape(-1)).ToArray());
        return new MicroBatch(flat.DetachFromDisposeScope(), distance.item<float>(), measured, isNew ? Detached(target) : null);
    }

    /// <summary>What the teacher computes, and whether it is worth keeping.</summary>
    private (Dictionary<string, torch.Tensor> Values, bool IsNew) Wanted(Dictionary<string, torch.Tensor> inputs, ReadOnlySpan<int> places)
    {
        if (wanted?.Find(places) is { } known)
            return (known, false);
        using var quiet = torch.no_grad();
        return (teacher.Run(inputs), wanted is not null);
    }

    private void KeepWanted(IReadOnlyList<MicroBatch> results, IEnumerable<ReadOnlyMemory<int>> places)
    {
        foreach (var (result, cases) in results.Zip(places))
        {
            if (result.Wanted is { } values)
                wanted!.Keep(cases.Span, values);
        }
    }

    private static Dictionary<string, torch.Tensor> Detached(Dictionary<string, torch.Tensor> values)
    {
        foreach (var value in values.Values)
            value.DetachFromDisposeScope();
        return values;
    }

    private torch.Tensor Distance(
        Dictionary<string, torch.Tensor> inputs, ReadOnlySpan<int> places, Dictionary<string, torch.Tensor> weights, Dictionary<string, torch.Tensor> target,
        Dictionary<string, BatchStatistics>? measured)
    {
        foreach (var (name, value) in inputs)
            weights[name] = value;
        var tokens = data.TokenMask is { } mask
            ? TorchTensors.Of(Tokens(mask, places), [places.Length, mask.Length / data.Cases]) : null;
        return loss.Of(student.Run(weights, measured, loss.Boundaries), target, tokens);
    }

    private double HoldOutLoss()
    {
        var parts = new List<int[]>(heldOut.Chunk(Math.Max(1, options.BatchSize / options.MicroBatches)));
        var results = new MicroBatch[parts.Count];
        ForEach(parts.Count, index =>
        {
            using var single = new SingleTorchThread();
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.no_grad();
            var weights = parameterization.Weights(Leaves());
            foreach (var (name, value) in statistics)
                weights[name] = value;
            var inputs = Inputs(parts[index], []);
            var (target, isNew) = Wanted(inputs, parts[index]);
            var distance = Distance(inputs, parts[index], weights, target, null).item<float>();
            results[index] = new MicroBatch(null, distance * (double)parts[index].Length, null, isNew ? Detached(target) : null);
        });
        KeepWanted(results, parts.Select(part => (ReadOnlyMemory<int>)part));
        foreach (var result in results)
            result.Dispose();
        return results.Sum(result => result.Loss) / heldOut.Length;
    }

    /// <summary>Some micro-batches at a time; what one of them finds wrong comes out as it is.</summary>
    private void ForEach(int count, Action<int> run)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Threads) }, run);
        }
        catch (AggregateException failures) when (failures.Flatten().InnerExceptions.OfType<PruneBuildException>().FirstOrDefault() is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void FollowStatistics(MicroBatch[] results, (int Start, int Count)[] parts, int cases)
    {
        foreach (var (output, mean, variance) in layers)
        {
            statistics[mean].mul_(Scalars.Of(1 - options.BatchNormMomentum));
            statistics[variance].mul_(Scalars.Of(1 - options.BatchNormMomentum));
            for (var index = 0; index < results.Length; index++)
            {
                using Scalar share = options.BatchNormMomentum * parts[index].Count / cases;
                statistics[mean].add_(results[index].Statistics![output].Mean, share);
                statistics[variance].add_(results[index].Statistics![output].Variance, share);
            }
        }
    }

    private Dictionary<string, torch.Tensor> Inputs(ReadOnlySpan<int> places, ReadOnlySpan<ImageChange> changes)
    {
        var inputs = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        foreach (var name in data.Inputs.Keys)
        {
            var rows = data.Rows(name, places);
            if (changes.Length > 0)
                rows = Augmenter.Apply(rows, changes);
            inputs[name] = TorchTensors.Of(rows.Data, rows.Shape);
        }
        return inputs;
    }

    private float[] Tokens(bool[] mask, ReadOnlySpan<int> places)
    {
        var width = mask.Length / data.Cases;
        var tokens = new float[places.Length * width];
        for (var index = 0; index < tokens.Length; index++)
            tokens[index] = mask[(places[index / width] * width) + (index % width)] ? 1 : 0;
        return tokens;
    }

    // Views of the shared parameters that have gradients of their own.
    private List<torch.Tensor> Leaves()
    {
        var (leaves, start) = (new List<torch.Tensor>(), 0L);
        foreach (var shape in parameterization.Shapes)
        {
            var count = shape.Aggregate(1L, (product, size) => product * size);
            leaves.Add(parameters.narrow(0, start, count).view(shape).detach());
            start += count;
        }
        return leaves;
    }

    private int[] NextBatch()
    {
        var batch = new int[Math.Min(options.BatchSize, trained.Length)];
        for (var index = 0; index < batch.Length; index++)
        {
            if (next == order.Length)
            {
                order = [.. trained];
                random.Shuffle(order);
                next = 0;
            }
            batch[index] = order[next++];
        }
        return batch;
    }

    private IEnumerable<(int Start, int Count)> Parts(int cases)
    {
        var count = Math.Clamp(options.MicroBatches, 1, cases);
        return Enumerable.Range(0, count).Select(index =>
            (index * cases / count, ((index + 1) * cases / count) - (index * cases / count)));
    }

    private Kept Snapshot() => new(
        parameters.clone().DetachFromDisposeScope(), statistics.ToDictionary(pair => pair.Key, pair => pair.Value.clone().DetachFromDisposeScope()));

    private void Restore(Kept kept)
    {
        parameters.copy_(kept.Parameters);
        foreach (var (name, value) in kept.Statistics)
            statistics[name].copy_(value);
    }

    private static torch.Tensor Vector(float[] values) => TorchTensors.Of(values, [values.Length]).DetachFromDisposeScope();

    private static float[] Decay(IParameterization parameterization, double decay) =>
        [.. parameterization.Shapes.SelectMany(shape => Enumerable.Repeat(
            shape.Count(size => size > 1) > 1 ? (float)decay : 0, (int)shape.Aggregate(1L, (product, size) => product * size)))];

    /// <summary>
    /// What one micro-batch gives: its share of gradient (null when nothing is learned) and loss, what its batch normalizations
    /// measured, and what the teacher wants of it when that was not known before.
    /// </summary>
    private sealed record MicroBatch(
        torch.Tensor? Gradient, double Loss, Dictionary<string, BatchStatistics>? Statistics, Dictionary<string, torch.Tensor>? Wanted) : IDisposable
    {
        public void Dispose()
        {
            Gradient?.Dispose();
            foreach (var one in Statistics?.Values ?? Enumerable.Empty<BatchStatistics>())
            {
                one.Mean.Dispose();
                one.Variance.Dispose();
            }
            foreach (var value in Wanted?.Values ?? Enumerable.Empty<torch.Tensor>())
                value.Dispose();
        }
    }

    /// <summary>Weights and statistics to come back to.</summary>
    private sealed record Kept(torch.Tensor Parameters, Dictionary<string, torch.Tensor> Statistics) : IDisposable
    {
        public void Dispose()
        {
            Parameters.Dispose();
            foreach (var value in Statistics.Values)
                value.Dispose();
        }
    }
}
