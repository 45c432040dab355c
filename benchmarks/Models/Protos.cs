using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Benchmarks.Models;

/// <summary>Models between their representations.</summary>
internal static class Protos
{
    /// <summary>One file with its weights inside.</summary>
    public static byte[] Bytes(OnnxModel model)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-benchmark-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What ONNX Runtime makes of a model: its operators after all optimizations, most frequent first.</summary>
    public static string Operators(byte[] model, Func<SessionOptions> create)
    {
        var target = Path.GetTempFileName();
        try
        {
            using var options = create();
            options.OptimizedModelFilePath = target;
            new InferenceSession(model, options).Dispose();
            return string.Join(", ", ModelProto.Parser.ParseFrom(File.ReadAllBytes(target)).Graph.Node.CountBy(node => node.OpType).OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} {pair.Key}"));
        }
        finally
        {
            File.Delete(target);
        }
    }

    /// <summary>The model after ONNX Runtime's basic optimizations, with BatchNormalization folded into the convolutions.</summary>
    public static ModelProto Folded(string path)
    {
        var target = Path.GetTempFileName();
        try
        {
            using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC, OptimizedModelFilePath = target };
            new InferenceSession(path, options).Dispose();
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(target));
        }
        finally
        {
            File.Delete(target);
        }
    }
}
