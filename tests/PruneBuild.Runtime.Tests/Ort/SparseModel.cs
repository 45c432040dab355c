using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

/// <summary>Models with one prunebuild.SparseMatMul node, made from a kernel case.</summary>
internal static class SparseModel
{
    public static byte[] Create(KernelCase test, byte[] blob, string? format = null, long? k = null) =>
        Node(Graph(test).Initializer("w", OnnxWriter.UInt8, [blob.Length], blob), test, format, k).ToBytes();

    public static byte[] CreateExternal(KernelCase test, byte[] blob, string file, int offset) =>
        Node(Graph(test).External("w", OnnxWriter.UInt8, [blob.Length], file, offset, blob.Length), test, null, null).ToBytes();

    public static InferenceSession Open(byte[] model, int threads = 1)
    {
        using var options = ModelSession.CreateOptions(threads);
        return new(model, options);
    }

    public static float[] Run(InferenceSession session, KernelCase test, params long[] leading)
    {
        using var x = OrtValue.CreateTensorValueFromMemory(test.X(), leading.Length == 0 ? [test.Rows, test.Inputs] : [.. leading, test.Inputs]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["x"], [x], ["y"]);
        Assert.Equal(TensorElementType.Float, results[0].GetTensorTypeAndShape().ElementDataType);
        Assert.Equal(leading.Length == 0 ? [test.Rows, test.Outputs] : [.. leading, test.Outputs], results[0].GetTensorTypeAndShape().Shape);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static OnnxWriter Graph(KernelCase test)
    {
        var graph = new OnnxWriter().Input("x", OnnxWriter.Float, "batch", test.Inputs).Output("y", OnnxWriter.Float, "batch", test.Outputs);
        return test.HasBias ? graph.Initializer("b", OnnxWriter.Float, [test.Outputs], MemoryMarshal.AsBytes<float>(test.Bias())) : graph;
    }

    private static OnnxWriter Node(OnnxWriter graph, KernelCase test, string? format, long? k) =>
        graph.Node("prunebuild", "SparseMatMul", test.HasBias ? ["x", "w", "b"] : ["x", "w"], ["y"],
            ("K", k ?? test.Inputs), ("N", test.Outputs), ("format", format ?? test.Format), ("activation", test.Activation.AttributeName()));
}
