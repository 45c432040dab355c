using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Segmentation;

namespace PruneBuild.Compression.Calibration;

/// <summary>A segment opened with ONNX Runtime. Nothing is fused, so a value does not depend on where the model was cut.</summary>
internal sealed class SegmentSession : IDisposable
{
    private readonly string folder;
    private readonly InferenceSession session;
    private readonly RunOptions options = new();

    private SegmentSession(string folder, InferenceSession session) => (this.folder, this.session) = (folder, session);

    /// <summary>Writes the segment to the scratch folder and opens it.</summary>
    /// <exception cref="PruneBuildException">PB2012: ONNX Runtime rejects it. PB6002: scratch space.</exception>
    public static SegmentSession Open(
        OnnxModel model, string modelPath, Segment segment, IReadOnlyList<ValueInfoProto> inputs, string scratch, int threads)
    {
        var folder = Path.Combine(scratch, $"segment-{Guid.NewGuid():N}");
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            SegmentModel.Save(model, segment, inputs, path);
            using var options = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
                IntraOpNumThreads = threads,
                EnableMemoryPattern = false,
                EnableCpuMemArena = false,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            return new SegmentSession(folder, new InferenceSession(path, options));
        }
        catch (OnnxRuntimeException reason)
        {
            Delete(folder);
            throw new PruneBuildException(Diagnostic.Create("PB2012", Severity.Error, modelPath, reason.Message).At(modelPath), reason);
        }
        catch
        {
            Delete(folder);
            throw;
        }
    }

    /// <summary>Runs one batch.</summary>
    /// <exception cref="PruneBuildException">PB3004: the batch does not fit the model.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(Dictionary<string, OrtValue> inputs, IReadOnlyList<string> outputs, string source)
    {
        try
        {
            return session.Run(options, inputs, outputs as List<string> ?? [.. outputs]);
        }
        catch (OnnxRuntimeException reason)
        {
            throw BatchValues.Misfit(source, string.Join(", ", inputs.Keys), reason.Message, reason);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
        Delete(folder);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
