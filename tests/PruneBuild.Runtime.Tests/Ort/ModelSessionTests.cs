using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Ort;

public sealed class ModelSessionTests
{
    [Fact]
    public void Constant_int8_weights_are_dequantized_once_at_load()
    {
        using var options = ModelSession.CreateOptions(1);
        var optimized = Optimized(options);
        Assert.DoesNotContain("DequantizeLinear", optimized);
        Assert.DoesNotContain("MatMulNBits", optimized);
    }

    [Fact]
    public void Without_the_session_option_ONNX_Runtime_would_fuse_them_into_another_kernel()
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        var optimized = Optimized(options);
        Assert.Contains("MatMulNBits", optimized);
        Assert.Contains("accuracy_level", optimized);
    }

    [Fact]
    public void Negative_thread_counts_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelSession.CreateOptions(-1));

    /// <summary>y = x · DequantizeLinear(int8 weights, a scale per output), as ONNX Runtime keeps it after optimization.</summary>
    private static string Optimized(SessionOptions options)
    {
        const int inputs = 64, outputs = 32;
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "rows", inputs).Output("y", OnnxWriter.Float, "rows", outputs)
            .Initializer("w", OnnxWriter.Int8, [inputs, outputs], new byte[inputs * outputs])
            .Initializer("s", OnnxWriter.Float, [outputs], MemoryMarshal.AsBytes<float>(Enumerable.Repeat(0.5f, outputs).ToArray()))
            .Node("", "DequantizeLinear", ["w", "s"], ["d"], ("axis", 1))
            .Node("", "MatMul", ["x", "d"], ["y"]).ToBytes();
        var path = Path.Combine(Path.GetTempPath(), $"prunebuild-test-{Guid.NewGuid():N}.onnx");
        try
        {
            options.OptimizedModelFilePath = path;
            new InferenceSession(model, options).Dispose();
            return Encoding.Latin1.GetString(File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
