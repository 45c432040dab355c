using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>An edited model opened with ONNX Runtime, from a temporary file.</summary>
internal sealed class JudgedModel : IDisposable
{
    private readonly string path = Path.GetTempFileName();
    private readonly InferenceSession session;
    private readonly RunOptions run = new();

    public JudgedModel(OnnxModel model, int threads)
    {
        model.Save(path);
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        session = new InferenceSession(path, options);
    }

    /// <summary>The first output for a value of the only input.</summary>
    public float[] Run(OrtValue input)
    {
        using var results = session.Run(run, new Dictionary<string, OrtValue> { [session.InputNames[0]] = input }, [session.OutputNames[0]]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
        File.Delete(path);
    }
}
