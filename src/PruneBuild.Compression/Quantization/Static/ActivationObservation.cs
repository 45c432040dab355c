using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Quantization;

/// <summary>Runs a model on calibration data and shows single activations batch by batch; nothing but what the visitor keeps stays.</summary>
internal sealed class ActivationObservation(OnnxModel model, string modelPath, int threads, string scratchFolder)
{
    /// <summary>Takes an activation while it is valid.</summary>
    public delegate void Visitor(string name, ReadOnlySpan<float> values, ReadOnlySpan<long> shape);

    /// <summary>Shows every wanted activation of every batch, in batch order.</summary>
    /// <returns>The wanted values that are no float tensors.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB2012: ONNX Runtime rejects the model. PB3004: a batch does not fit it. PB6002: scratch space.</exception>
    public IReadOnlySet<string> Run(IReadOnlyList<string> wanted, IEnumerable<CalibrationBatch> batches, Visitor visit, CancellationToken cancellation)
    {
        var others = new HashSet<string>(StringComparer.Ordinal);
        using var stream = new ActivationStream(model, modelPath, threads, scratchFolder);
        stream.Fill(batches, cancellation);
        stream.Advance(new StreamRequest(wanted, []), (name, _, value) =>
        {
            var type = value.GetTensorTypeAndShape();
            if (type.ElementDataType == TensorElementType.Float)
                visit(name, value.GetTensorDataAsSpan<float>(), type.Shape);
            else
                others.Add(name);
        }, cancellation);
        return others;
    }
}
