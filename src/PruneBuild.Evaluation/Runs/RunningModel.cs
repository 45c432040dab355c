using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>A model while it is evaluated.</summary>
/// <param name="Session">The session.</param>
/// <param name="Options">Ends a run inside a batch.</param>
/// <param name="Path">The ONNX file.</param>
/// <param name="Output">The output that is scored.</param>
/// <param name="Progress">Told after every batch.</param>
/// <param name="Cancellation">Ends the run between batches.</param>
internal sealed record RunningModel(
    InferenceSession Session, RunOptions Options, string Path, string Output, IProgress<EvaluationProgress>? Progress, CancellationToken Cancellation)
{
    /// <summary>A named input or output, or the first one.</summary>
    /// <exception cref="PruneBuildException">PB5001 when the model lacks it.</exception>
    public static string Choose(string? name, IReadOnlyList<string> known, string kind, string modelPath)
    {
        if (name is null && known.Count > 0) return known[0];
        if (name is not null && known.Contains(name)) return name;
        throw new PruneBuildException("PB5001", modelPath, $"the model has no {kind} '{name}'; it has: {string.Join(", ", known)}").At(modelPath);
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">By name.</param>
    /// <param name="expected">Whether the shape is what the task expects.</param>
    /// <param name="refuse">The failure for an output that is something else, from its type and shape.</param>
    public (float[] Numbers, long[] Shape) Run(IReadOnlyList<(string Name, OrtValue Value)> inputs, Func<long[], bool> expected, Func<string, PruneBuildException> refuse)
    {
        Cancellation.ThrowIfCancellationRequested();
        using var outputs = Session.Run(Options, [.. inputs.Select(input => input.Name)], [.. inputs.Select(input => input.Value)], [Output]);
        var output = outputs[0];
        if (!output.IsTensor) throw refuse(output.OnnxType.ToString());
        var info = output.GetTensorTypeAndShape();
        return info.ElementDataType == TensorElementType.Float && expected(info.Shape)
            ? (output.GetTensorDataAsSpan<float>().ToArray(), info.Shape)
            : throw refuse($"{info.ElementDataType} [{string.Join(", ", info.Shape)}]");
    }

    /// <summary>PB5022: the output is not what the task expects.</summary>
    public PruneBuildException WrongOutput(string found, string expected) => new PruneBuildException("PB5022", Output, Path, found, expected).At(Path);
}
