using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Diagnostics;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation;

/// <summary>Lets a classifier answer every case.</summary>
public static class ClassificationRun
{
    /// <summary>
    /// Runs the model over all cases. The answer is the class with the largest output, the lowest class on a tie. A model whose batch
    /// dimension is fixed gets batches of that size, the last one filled up with zeros.
    /// </summary>
    /// <param name="modelPath">The ONNX file: the dense parent or a candidate, with our custom ops or without.</param>
    /// <param name="harness">Input, output and classes.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="threads">Threads inside an operator; they must not change the answers.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Ends the run between or inside batches.</param>
    /// <exception cref="PruneBuildException">PB5001 when ONNX Runtime refuses the model or fails, PB5002 when the output is not [n, classes] floats.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public static Predictions Evaluate(
        string modelPath,
        Harness harness,
        CaseSet cases,
        int threads,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        cancellation.ThrowIfCancellationRequested();
        using var options = new RunOptions();
        using var canceled = cancellation.Register(() => options.Terminate = true);
        try
        {
            using var session = ModelSession.Open(modelPath, threads);
            var model = Bind(session, modelPath, harness);
            var classes = new int[cases.Count];
            var margins = new float[cases.Count];
            foreach (var batch in cases.Batches(model.FixedBatch ?? harness.BatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                var outputs = Run(session, options, model, harness, Fill(batch.Input, model.FixedBatch));
                for (var i = 0; i < batch.Input.Count; i++)
                {
                    var (answer, margin) = Answer(outputs.AsSpan(i * harness.Classes, harness.Classes));
                    (classes[batch.Input.First + i], margins[batch.Input.First + i]) = (answer, margin);
                }
                progress?.Report(new EvaluationProgress(batch.Input.First + batch.Input.Count, cases.Count));
            }
            return new Predictions(classes, margins);
        }
        catch (OnnxRuntimeException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            var diagnostic = Diagnostic.Create("PB5001", Severity.Error, modelPath, exception.Message.ReplaceLineEndings(" "));
            throw new PruneBuildException(diagnostic.At(modelPath), exception);
        }
    }

    private static BoundModel Bind(InferenceSession session, string modelPath, Harness harness)
    {
        var input = Choose(harness.Input.Name, session.InputNames, "input", modelPath);
        var output = Choose(harness.Output, session.OutputNames, "output", modelPath);
        var dimensions = session.InputMetadata[input].Dimensions;
        var fixedBatch = dimensions is [> 0, ..] ? dimensions[0] : (int?)null;
        return new BoundModel(modelPath, input, output, fixedBatch);
    }

    private static string Choose(string? name, IReadOnlyList<string> known, string kind, string modelPath)
    {
        if (name is null && known.Count > 0) return known[0];
        if (name is not null && known.Contains(name)) return name;
        throw new PruneBuildException("PB5001", modelPath, $"the model has no {kind} '{name}'; it has: {string.Join(", ", known)}").At(modelPath);
    }

    private static InputBatch Fill(InputBatch batch, int? fixedBatch)
    {
        if (fixedBatch is not { } size || size == batch.Count) return batch;
        var data = new float[batch.Data.Length / batch.Count * size];
        batch.Data.CopyTo(data, 0);
        return batch with { Data = data, Shape = [size, .. batch.Shape[1..]] };
    }

    private static float[] Run(InferenceSession session, RunOptions options, BoundModel model, Harness harness, InputBatch batch)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(batch.Data, batch.Shape);
        using var outputs = session.Run(options, [model.Input], [input], [model.Output]);
        var output = outputs[0];
        if (!output.IsTensor) throw WrongOutput(model, harness, output.OnnxType.ToString());
        var info = output.GetTensorTypeAndShape();
        var shape = info.Shape;
        if (info.ElementDataType != TensorElementType.Float || shape.Length != 2 || shape[0] != batch.Shape[0] || shape[1] != harness.Classes)
            throw WrongOutput(model, harness, $"{info.ElementDataType} [{string.Join(", ", shape)}]");
        return output.GetTensorDataAsSpan<float>().ToArray();
    }

    private static (int Class, float Margin) Answer(ReadOnlySpan<float> outputs)
    {
        var best = 0;
        var second = float.NegativeInfinity;
        for (var i = 0; i < outputs.Length; i++)
        {
            if (!float.IsFinite(outputs[i])) return (Predictions.NotFinite, 0);
            if (i > 0 && outputs[i] > outputs[best]) (best, second) = (i, outputs[best]);
            else if (i > 0) second = Math.Max(second, outputs[i]);
        }
        var margin = outputs[best] - second;
        return (best, float.IsFinite(margin) ? margin : float.MaxValue);
    }

    private static PruneBuildException WrongOutput(BoundModel model, Harness harness, string found) =>
        new PruneBuildException("PB5002", model.Output, model.Path, found, harness.Classes).At(model.Path);

    private sealed record BoundModel(string Path, string Input, string Output, int? FixedBatch);
}
