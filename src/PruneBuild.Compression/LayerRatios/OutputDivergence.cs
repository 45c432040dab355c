using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Depth;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.LayerRatios;

/// <summary>How far the first output of an edited model is from that of its dense parent, whose outputs wait on disk.</summary>
internal sealed class OutputDivergence : IDisposable
{
    private readonly ModelPrediction prediction;
    private readonly ActivationStream dense;

    /// <summary>Runs the dense model.</summary>
    /// <exception cref="PruneBuildException">PB1012: the output is not float. PB2012, PB3003, PB3004, PB6002.</exception>
    public OutputDivergence(OnnxModel model, string modelPath, IEnumerable<CalibrationBatch> batches, int threads, CancellationToken cancellation)
    {
        prediction = ModelPrediction.Of(model);
        // The model may be edited while this one lives.
        dense = new ActivationStream(model.Snapshot(), modelPath, threads, Path.GetTempPath());
        try
        {
            dense.Fill(batches, cancellation);
            if (dense.Batches == 0)
                throw new PruneBuildException("PB3003", new MeasuredLossRatios().Name);
            dense.Advance(new StreamRequest([prediction.Logits], []) { KeepTargets = true }, Check, cancellation);
        }
        catch
        {
            dense.Dispose();
            throw;
        }
    }

    /// <summary>The divergence over all batches; infinite outputs count as very far.</summary>
    public double Of(OnnxModel edited, CancellationToken cancellation)
    {
        var (sum, scale) = (0.0, 0.0);
        using var stream = dense.Twin(edited);
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

    private static void Check(string name, int batch, OrtValue value)
    {
        if (value.GetTensorTypeAndShape().ElementDataType != TensorElementType.Float)
            throw new PruneBuildException("PB1012", new MeasuredLossRatios().Name, "layerRatios", $"the output '{name}' is not float, so nothing can be measured");
        foreach (var element in value.GetTensorDataAsSpan<float>())
            if (!float.IsFinite(element))
                throw BatchValues.Misfit($"batch {batch}", name, "the dense model's output is not finite");
    }
}
