using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Compression.Drift;

/// <summary>
/// Runs edited models on the batches that their parent ran on, whose outputs and inner values wait on disk. Every edited model computes
/// its inner values from the start: the drift of a block contains that of the blocks before it.
/// </summary>
public sealed class DriftMeter : IDisposable
{
    private readonly ModelPrediction prediction;
    private readonly ActivationStream parent;
    private readonly List<string> blocks;

    /// <summary>Runs the parent.</summary>
    /// <param name="model">The parent; may be edited afterwards.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="batches">Calibration data, enumerated once.</param>
    /// <param name="blocks">Inner values to compare, such as the outputs of residual blocks.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">
    /// PB2012: ONNX Runtime rejects the model. PB3003: there are no batches. PB3004: a batch does not fit the model. PB6002: scratch space.
    /// PB7005: the first output is not float.
    /// </exception>
    public DriftMeter(
        OnnxModel model, string modelPath, IEnumerable<CalibrationBatch> batches, IReadOnlyList<string> blocks, int threads, CancellationToken cancellation = default)
    {
        prediction = ModelPrediction.Of(model);
        this.blocks = [.. blocks];
        parent = new ActivationStream(model.Snapshot(), modelPath, threads, Path.GetTempPath());
        try
        {
            parent.Fill(batches, cancellation);
            if (parent.Batches == 0)
                throw new PruneBuildException("PB3003", "drift");
            parent.Advance(new StreamRequest([prediction.Logits, .. blocks.Where(block => block != prediction.Logits)], []) { KeepTargets = true }, Check, cancellation);
        }
        catch
        {
            parent.Dispose();
            throw;
        }
    }

    /// <summary>The input whose tokens the first output continues; null for other models.</summary>
    public string? TokenInput
    {
        get
        {
            using var logits = parent.Read(prediction.Logits, 0);
            return prediction.TokenInput(logits.GetTensorTypeAndShape().Shape);
        }
    }

    /// <summary>Measures an edited model.</summary>
    /// <param name="edited">Its inputs are among the parent's.</param>
    /// <param name="labels">The right class of every case, in order, for outputs [batch, classes]; the next token where tokens are continued. Null when unknown.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">PB2012, PB3004, PB6002, and PB7005: its output has another shape than the parent's, or the labels do not fit.</exception>
    public ModelDrift Measure(OnnxModel edited, IReadOnlyList<int>? labels = null, CancellationToken cancellation = default)
    {
        var logits = ModelPrediction.Of(edited).Logits;
        var flow = new DataFlow(edited);
        var compared = blocks.Where(block => flow.Producer(block) >= 0 && flow.IsDynamic(block)).ToList();
        var comparisons = compared.ToDictionary(block => block, _ => new HiddenComparison(), StringComparer.Ordinal);
        var refused = blocks.Except(compared).ToDictionary(block => block, _ => "the edited model has no such value", StringComparer.Ordinal);
        var outputs = new LogitComparison();
        var (nonFinite, cases) = (0L, 0);
        using var stream = parent.Twin(edited);
        stream.Advance(new StreamRequest([logits, .. compared.Where(block => block != logits)], []), (name, batch, value) =>
        {
            if (name == logits)
            {
                using var before = parent.Read(prediction.Logits, batch);
                nonFinite += NewlyNonFinite(before.GetTensorDataAsSpan<float>(), Singles(value, name));
                Compare(outputs, before, value, batch, labels, ref cases);
            }
            if (comparisons.TryGetValue(name, out var comparison) && !refused.ContainsKey(name) && Compare(comparison, name, batch, value) is { } reason)
                refused[name] = reason;
        }, cancellation);
        return new ModelDrift(outputs.Finish(), [.. blocks.Select(block =>
            refused.TryGetValue(block, out var reason) ? BlockDrift.None(block, reason) : comparisons[block].Finish(block))])
        {
            NonFiniteOutputs = nonFinite,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => parent.Dispose();

    private void Compare(LogitComparison comparison, OrtValue before, OrtValue after, int batch, IReadOnlyList<int>? labels, ref int cases)
    {
        var (shape, edited) = (before.GetTensorTypeAndShape().Shape, after.GetTensorTypeAndShape().Shape);
        if (!shape.SequenceEqual(edited))
            throw new PruneBuildException("PB7005", prediction.Logits, $"the edited model's is [{string.Join(", ", edited)}], the parent's [{string.Join(", ", shape)}]");
        var parentValues = before.GetTensorDataAsSpan<float>();
        var editedValues = after.GetTensorDataAsSpan<float>();
        var features = shape.Length == 0 ? 1 : (int)Math.Max(1, shape[^1]);
        if (!prediction.HasClasses(shape))
        {
            comparison.AddValues(parentValues, editedValues, features);
            return;
        }
        var first = cases;
        cases += shape.Length == 2 ? (int)shape[0] : 0;
        if (labels is not null && shape.Length == 2 && cases > labels.Count)
            throw new PruneBuildException("PB7005", prediction.Logits, $"there are {labels.Count} labels for more cases");
        comparison.AddLogits(parentValues, editedValues, features, Label(shape, batch, labels, first));
    }

    private Func<int, long>? Label(long[] shape, int batch, IReadOnlyList<int>? labels, int first)
    {
        if (labels is not null && shape.Length == 2)
            return row => labels[first + row];
        if (prediction.TokenInput(shape) is not { } input || !parent.Has(input))
            return null;
        using var given = parent.Read(input, batch);
        if (!given.GetTensorTypeAndShape().Shape.AsSpan().SequenceEqual(shape.AsSpan(0, 2)))
            return null;
        var tokens = BatchValues.Integers(given);
        var length = (int)shape[1];
        return place => place % length == length - 1 ? -1 : tokens[place + 1];
    }

    private string? Compare(HiddenComparison comparison, string name, int batch, OrtValue value)
    {
        using var before = parent.Read(name, batch);
        var (info, shape) = (value.GetTensorTypeAndShape(), before.GetTensorTypeAndShape().Shape);
        if (info.ElementDataType != TensorElementType.Float || before.GetTensorTypeAndShape().ElementDataType != TensorElementType.Float)
            return "it is not float";
        if (!shape.SequenceEqual(info.Shape))
            return $"it is [{string.Join(", ", info.Shape)}], the parent's is [{string.Join(", ", shape)}]";
        var edited = value.GetTensorDataAsSpan<float>();
        if (edited.IsEmpty)
            return null;
        // Tokens have directions of their own; an image is one.
        var features = shape.Length == 3 ? (int)shape[^1] : shape.Length < 2 ? edited.Length : edited.Length / (int)shape[0];
        comparison.Add(before.GetTensorDataAsSpan<float>(), edited, features);
        return null;
    }

    private static long NewlyNonFinite(ReadOnlySpan<float> parent, ReadOnlySpan<float> edited)
    {
        var count = 0L;
        for (var index = 0; index < Math.Min(parent.Length, edited.Length); index++)
            count += !float.IsFinite(edited[index]) && float.IsFinite(parent[index]) ? 1 : 0;
        return count;
    }

    private void Check(string name, int batch, OrtValue value)
    {
        if (name == prediction.Logits)
            _ = Singles(value, name);
    }

    private static ReadOnlySpan<float> Singles(OrtValue value, string name) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float
        ? value.GetTensorDataAsSpan<float>()
        : throw new PruneBuildException("PB7005", name, "it is not float");
}
