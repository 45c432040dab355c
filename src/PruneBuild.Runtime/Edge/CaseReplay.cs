using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PruneBuild.Runtime;

/// <summary>Lets a model answer cases on this machine.</summary>
public static class CaseReplay
{
    /// <summary>Answers cases in full batches; the last one is filled up with zeros, so that every machine runs the same shapes.</summary>
    /// <param name="session">The open model.</param>
    /// <param name="description">Cases, batch and names; its machine is replaced by this one.</param>
    /// <param name="inputs">[cases, inputs of a case], row-major.</param>
    /// <param name="threads">Threads the session was opened with.</param>
    /// <exception cref="EdgeModelException">PB6107: the model has no such input or output, refuses the input, or gives numbers that are no batch of floats.</exception>
    public static CaseRecording Run(InferenceSession session, CaseRecordingDescription description, ReadOnlySpan<float> inputs, int threads)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(description);
        description.Validate();
        if (!session.InputNames.Contains(description.Input) || !session.OutputNames.Contains(description.Output))
            throw Mismatch($"it has no input '{description.Input}' or no output '{description.Output}'");
        var elements = (int)description.ElementsPerCase;
        var batch = description.Batch;
        var buffer = new float[batch * elements];
        var outputs = new List<float>();
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(buffer, [batch, .. description.Shape]);
        for (var first = 0; first < description.Ids.Count; first += batch)
        {
            var count = Math.Min(batch, description.Ids.Count - first);
            inputs.Slice(first * elements, count * elements).CopyTo(buffer);
            buffer.AsSpan(count * elements).Clear();
            outputs.AddRange(Answer(session, options, description, input)[..(count * description.OutputsPerCase)]);
        }
        var here = description with
        {
            Machine = RuntimeInformation.RuntimeIdentifier,
            KernelTier = KernelRegistry.DisplayName(KernelRegistry.SelectTier()),
            OnnxRuntime = OrtEnv.Instance().GetVersionString(),
            Threads = threads,
        };
        return new CaseRecording(here, inputs.ToArray(), [.. outputs]);
    }

    private static float[] Answer(InferenceSession session, RunOptions options, CaseRecordingDescription description, OrtValue input)
    {
        try
        {
            using var results = session.Run(options, [description.Input], [input], [description.Output]);
            var output = results[0];
            var shape = output.IsTensor ? output.GetTensorTypeAndShape() : throw Mismatch("its output is no tensor");
            if (shape.ElementDataType != TensorElementType.Float || shape.ElementCount != (long)description.Batch * description.OutputsPerCase)
                throw Mismatch($"it gives {shape.ElementDataType} [{string.Join(", ", shape.Shape)}] for a batch of {description.Batch} with {description.OutputsPerCase} floats each");
            return output.GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EdgeModelException(EdgeModelException.InputMismatch, $"The model rejected the recorded input: {exception.Message}", exception);
        }
    }

    private static EdgeModelException Mismatch(string reason) => new(EdgeModelException.InputMismatch, $"The model does not fit the recording: {reason}.");
}
