using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Depth;

/// <summary>Which loss of a model is measured on calibration data.</summary>
public sealed record ModelLoss
{
    /// <summary>
    /// The input with the tokens, int64 or int32 [batch, sequence]: the loss is the next token's negative log-likelihood. Without it,
    /// the divergence from the dense model's output: Kullback–Leibler, over softmax of the last axis.
    /// </summary>
    public string? Tokens { get; init; }

    /// <summary>The output with the logits, float [.., classes]; the model's first one by default.</summary>
    public string? Output { get; init; }

    /// <summary>The mean loss of a model, in nats for a row of the output.</summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="dense">
    /// What it was before, for the divergence. The inputs of <paramref name="model"/> are among its inputs, with the same meaning: a
    /// cache must not be renumbered.
    /// </param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="batches">Calibration data, enumerated once.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">
    /// PB1012: the model has no such input or output. PB2012: ONNX Runtime rejects the model. PB3003: there are no batches.
    /// PB3004: a batch does not fit the inputs, or the output is not what the loss needs.
    /// </exception>
    public double Measure(
        OnnxModel model, OnnxModel dense, string modelPath, IEnumerable<CalibrationBatch> batches, int threads, CancellationToken cancellation = default)
    {
        using var stream = new ActivationStream(dense, modelPath, threads, Path.GetTempPath());
        stream.Fill(batches, cancellation);
        using var meter = new LossMeter(this, stream, dense, cancellation);
        using var judged = stream.Twin(model);
        return meter.Measure(judged, cancellation);
    }
}
