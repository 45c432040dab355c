using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Depth;

/// <summary>Measures the loss of edited models on the same batches; keeps the dense model's outputs where the loss compares with them.</summary>
internal sealed class LossMeter : IDisposable
{
    private readonly string output;
    private readonly string? tokens;
    private readonly ActivationStream? dense;

    /// <param name="loss">What to measure.</param>
    /// <param name="batches">A stream with the batches; must outlive this.</param>
    /// <param name="model">The dense model.</param>
    /// <param name="cancellation">Observed between batches.</param>
    public LossMeter(ModelLoss loss, ActivationStream batches, OnnxModel model, CancellationToken cancellation)
    {
        if (batches.Batches == 0)
            throw new PruneBuildException("PB3003", loss.Tokens is null ? "divergence" : "next-token loss");
        var outputs = model.Graph.Output.Select(value => value.Name).ToList();
        output = loss.Output ?? outputs[0];
        tokens = loss.Tokens;
        if (!outputs.Contains(output))
            throw new PruneBuildException("PB1012", output, "output", $"use one of {string.Join(", ", outputs)}");
        if (tokens is not null)
        {
            if (!batches.Has(tokens))
                throw new PruneBuildException("PB1012", tokens, "tokens", $"use one of {string.Join(", ", model.Graph.Input.Select(input => input.Name))}");
            return;
        }
        dense = batches.Twin(model.Snapshot());
        dense.Advance(new StreamRequest([output], []) { KeepTargets = true }, null, cancellation);
    }

    /// <summary>The mean loss of the stream's model, which goes on from what the stream has at hand.</summary>
    public double Measure(ActivationStream stream, CancellationToken cancellation)
    {
        var total = new SummedLoss();
        stream.Advance(new StreamRequest([output], []), (_, batch, value) =>
        {
            try
            {
                total += Of(stream, batch, value);
            }
            catch (ArgumentException reason)
            {
                throw BatchValues.Misfit($"batch {batch}", tokens ?? output, reason.Message, reason);
            }
        }, cancellation);
        return total.Mean;
    }

    /// <inheritdoc/>
    public void Dispose() => dense?.Dispose();

    private SummedLoss Of(ActivationStream stream, int batch, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        if (info.ElementDataType != TensorElementType.Float || info.Shape.Length == 0)
            throw new ArgumentException($"The output '{output}' is not float logits.", nameof(value));
        var logits = value.GetTensorDataAsSpan<float>();
        if (tokens is not null)
        {
            using var given = stream.Read(tokens, batch);
            var row = BatchValues.Integers(given);
            return OutputLoss.NextToken(logits, row, (int)given.GetTensorTypeAndShape().Shape[^1]);
        }
        using var expected = dense!.Read(output, batch);
        return OutputLoss.Divergence(expected.GetTensorDataAsSpan<float>(), logits, (int)info.Shape[^1]);
    }
}
