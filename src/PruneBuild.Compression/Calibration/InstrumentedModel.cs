using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Calibration;

/// <summary>A whole model that gives inner values as well.</summary>
internal static class InstrumentedModel
{
    private const long LargestInlineModel = 1_500_000_000;

    /// <summary>Writes a copy with more outputs.</summary>
    public static void Save(OnnxModel model, IReadOnlyList<string> values, string path)
    {
        var before = model.Graph.Output.ToList();
        var present = before.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        try
        {
            model.Graph.Output.AddRange(values.Where(name => !present.Contains(name)).Select(name => new ValueInfoProto { Name = name }));
            model.Save(path, externalData: model.WeightBytes > LargestInlineModel);
        }
        finally
        {
            model.Graph.Output.Clear();
            model.Graph.Output.AddRange(before);
        }
    }

    /// <exception cref="PruneBuildException">PB2012: ONNX Runtime rejects the model.</exception>
    public static InferenceSession Open(string path, string modelPath, int threads)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC,
            IntraOpNumThreads = threads,
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException reason)
        {
            throw new PruneBuildException(Diagnostic.Create("PB2012", Severity.Error, modelPath, reason.Message).At(modelPath), reason);
        }
    }
}
