using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Training;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Training;

/// <summary>Holds the interpreter against ONNX Runtime, value by value.</summary>
internal static class OnnxRuntimeOracle
{
    public const double Tolerance = 1e-4;

    public static void AssertAgrees(OnnxModel model, CalibrationBatch batch)
    {
        var actual = TorchInterpreter.Run(model, batch);
        foreach (var (name, expected) in Run(model, batch))
        {
            Assert.Equal(expected.Shape, actual[name].Shape);
            Assert.Equal(expected.Data.GetType(), actual[name].Data.GetType());
            if (expected.Data is not float[] values)
            {
                Assert.Equal(expected.Data, actual[name].Data);
                continue;
            }
            var magnitude = Math.Max(values.Length == 0 ? 0 : values.Max(Math.Abs), 1e-3f);
            var computed = (float[])actual[name].Data;
            for (var index = 0; index < values.Length; index++)
                Assert.True(Math.Abs(values[index] - computed[index]) <= Tolerance * magnitude, $"{name}[{index}]: {computed[index]}, not {values[index]}");
        }
    }

    private static Dictionary<string, CalibrationTensor> Run(OnnxModel model, CalibrationBatch batch)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            using var session = new InferenceSession(path, options);
            using var run = new RunOptions();
            var inputs = batch.Inputs.ToDictionary(input => input.Key, input => Value(input.Value));
            using var results = session.Run(run, inputs, session.OutputNames);
            var read = session.OutputNames.Zip(results, (name, value) => (name, Read(value))).ToDictionary(pair => pair.name, pair => pair.Item2);
            foreach (var input in inputs.Values)
                input.Dispose();
            return read;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OrtValue Value(CalibrationTensor tensor) => tensor.Data switch
    {
        float[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
        long[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
        int[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
        bool[] data => OrtValue.CreateTensorValueFromMemory(data, tensor.Shape),
        _ => throw new NotSupportedException(),
    };

    private static CalibrationTensor Read(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        Array data = info.ElementDataType switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int32 => value.GetTensorDataAsSpan<int>().ToArray(),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Bool => value.GetTensorDataAsSpan<bool>().ToArray(),
            var other => throw new NotSupportedException(other.ToString()),
        };
        return new CalibrationTensor(data, info.Shape);
    }
}
