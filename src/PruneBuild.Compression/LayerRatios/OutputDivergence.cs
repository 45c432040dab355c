using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.LayerRatios;

/// <summary>How far the first output of an edited model is from that of its dense parent, whose outputs wait on disk.</summary>
public sealed class OutputDivergence : IDisposable
{
    private readonly ModelPrediction prediction;
    private readonly ActivationStream dense;
    private readonly (string Name, string Key) asked;

    /// <summary>Runs the dense model.</summary>
    /// <param name="model">The dense model.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="batches">Calibration data, enumerated once.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <param name="kept">Inner values to keep for edits that lie behind them; none without it.</param>
    /// <param name="asked">What needs the divergence, and the recipe's key that says so; layer ratios without it.</param>
    /// <exception cref="PruneBuildException">PB1012: the output is not float. PB2012, PB3003, PB3004, PB6002.</exception>
    public OutputDivergence(
        OnnxModel model, string modelPath, IEnumerable<CalibrationBatch> batches, int threads, CancellationToken cancellation,
        IReadOnlyList<string>? kept = null, (string Name, string Key)? asked = null)
    {
        this.asked = asked ?? (new MeasuredLossRatios().Name, "layerRatios");
        prediction = ModelPrediction.Of(model);
        // The model may be edited while this one lives.
        dense = new ActivationStream(model.Snapshot(), modelPath, threads, Path.GetTempPath());
        try
        {
            dense.Fill(batches, cancellation);
            if (dense.Batches == 0)
                throw new PruneBuildException("PB3003", this.asked.Name);
            dense.Advance(new StreamRequest([prediction.Logits, .. (kept ?? []).Where(value => value != prediction.Logits)], []) { KeepTargets = true }, Check, cancellation);
        }
        catch
        {
            dense.Dispose();
            throw;
        }
    }

    /// <summary>The divergence over all batches; infinite outputs count as very far.</summary>
    /// <param name="edited">The edited model.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <param name="unchanged">Which of the kept values the edited model would make just so; none without it.</param>
    public double Of(OnnxModel edited, CancellationToken cancellation, Predicate<string>? unchanged = null)
    {
        var (sum, scale) = (0.0, 0.0);
        using var stream = dense.Twin(edited, shares: unchanged);
        stream.Advance(new StreamRequest([prediction.Logits], []), (name, batch, value) =>
        {
            using var parent = dense.Read(name, batch);
            var shape = value.GetTensorTypeAndShape().Shape;
            var whole = parent.GetTensorDataAsSpan<float>();
            var pruned = value.GetTensorDataAsSpan<float>();
            if (prediction.HasClasses(shape))
            {
                var divergence = OutputLoss.Divergence(whole, pruned, (int)shape[^1]);
                (sum, scale) = (sum + divergence.Sum, scale + divergence.Rows);
            }
            else
            {
                var (error, energy) = SquaredError(whole, pruned);
                (sum, scale) = (sum + error, scale + energy);
            }
        }, cancellation);
        return !double.IsFinite(sum) ? double.MaxValue : scale > 0 ? sum / scale : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => dense.Dispose();

    private static (double Sum, double Energy) SquaredError(ReadOnlySpan<float> dense, ReadOnlySpan<float> pruned)
    {
        double sum = 0, energy = 0;
        for (var index = 0; index < dense.Length; index++)
        {
            var difference = (double)dense[index] - pruned[index];
            sum += difference * difference;
            energy += (double)dense[index] * dense[index];
        }
        return (sum, energy);
    }

    private void Check(string name, int batch, OrtValue value)
    {
        if (name != prediction.Logits)
            return;
        if (value.GetTensorTypeAndShape().ElementDataType != TensorElementType.Float)
            throw new PruneBuildException("PB1012", asked.Name, asked.Key, $"the output '{name}' is not float, so nothing can be measured");
        foreach (var element in value.GetTensorDataAsSpan<float>())
            if (!float.IsFinite(element))
                throw BatchValues.Misfit($"batch {batch}", name, "the dense model's output is not finite");
    }
}
