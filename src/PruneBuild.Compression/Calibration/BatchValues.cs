using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>Turns a batch's arrays into values of ONNX Runtime.</summary>
internal static class BatchValues
{
    /// <summary>The value of one input, in the memory of its array.</summary>
    /// <exception cref="PruneBuildException">PB3004: there is none, it does not fill its shape, or its elements are not supported.</exception>
    public static OrtValue Of(CalibrationBatch batch, string name)
    {
        if (!batch.Inputs.TryGetValue(name, out var tensor))
            throw Misfit(batch.Source, name, "the batch has no value for it");
        if (ElementTypes.Count(tensor.Shape) != tensor.Data.Length)
            throw Misfit(batch.Source, name, $"{tensor.Data.Length} elements do not fill [{string.Join(", ", tensor.Shape)}]");
        return tensor.Data switch
        {
            float[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
            long[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
            int[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
            byte[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
            bool[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
            _ => throw Misfit(batch.Source, name, $"elements of {tensor.Data.GetType().GetElementType()!.Name} are not supported"),
        };
    }

    /// <summary>The elements of an int64 or int32 value, such as tokens.</summary>
    /// <exception cref="ArgumentException">They are of another type.</exception>
    public static long[] Integers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
        TensorElementType.Int32 => Array.ConvertAll(value.GetTensorDataAsSpan<int>().ToArray(), token => (long)token),
        _ => throw new ArgumentException("Tokens are int64 or int32.", nameof(value)),
    };

    /// <summary>The error for a batch that the model cannot take.</summary>
    public static PruneBuildException Misfit(string source, string input, string why, Exception? reason = null) =>
        new(Diagnostic.Create("PB3004", Severity.Error, source, input, why), reason);
}
