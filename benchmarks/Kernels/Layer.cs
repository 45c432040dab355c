using System.Runtime.InteropServices;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;
using PruneBuild.Tests.Ort;

namespace PruneBuild.Benchmarks.Kernels;

/// <summary>
/// A random fully connected layer, as models of each kernel that could serve it. Several copies in one session, each with weights
/// of its own, keep what a session costs beside its kernels out of the figure: with cold caches that is as much as a small layer.
/// </summary>
internal sealed record Layer(int Inputs, int Outputs, int Rows, int Threads, int Copies)
{
    public (byte[] Model, long Bytes) Float32()
    {
        return (Graph((graph, i) => graph.Initializer($"w{i}", OnnxWriter.Float, [Inputs, Outputs], MemoryMarshal.AsBytes<float>(Weights(Inputs * Outputs, i))).Node("", "MatMul", ["x", $"w{i}"], [$"y{i}"])), (long)Inputs * Outputs * sizeof(float));
    }

    public (byte[] Model, long Bytes) DynamicInt8()
    {
        var scales = MemoryMarshal.AsBytes<float>(Weights(Outputs)).ToArray();
        var zeroPoints = new byte[Outputs];
        return (Graph((graph, i) => graph.Initializer($"w{i}", OnnxWriter.Int8, [Inputs, Outputs], Bytes(Inputs * Outputs, i)).Initializer($"s{i}", OnnxWriter.Float, [Outputs], scales)
            .Initializer($"z{i}", OnnxWriter.Int8, [Outputs], zeroPoints)
            .Node("com.microsoft", "DynamicQuantizeMatMul", ["x", $"w{i}", $"s{i}", $"z{i}"], [$"y{i}"])), (long)Inputs * Outputs + scales.Length);
    }

    /// <summary>MatMulNBits; accuracy level 4 multiplies in int8, level 0 dequantizes to float.</summary>
    public (byte[] Model, long Bytes) Int4(int blockSize, int accuracyLevel)
    {
        var blocks = (Inputs + blockSize - 1) / blockSize;
        var bytes = Outputs * blocks * blockSize / 2;
        var scales = MemoryMarshal.AsBytes<float>(Weights(Outputs * blocks)).ToArray();
        return (Graph((graph, i) => graph.Initializer($"w{i}", OnnxWriter.UInt8, [Outputs, blocks, blockSize / 2], Bytes(bytes, i)).Initializer($"s{i}", OnnxWriter.Float, [Outputs * blocks], scales)
            .Node("com.microsoft", "MatMulNBits", ["x", $"w{i}", $"s{i}"], [$"y{i}"], ("K", Inputs), ("N", Outputs), ("bits", 4), ("block_size", blockSize), ("accuracy_level", accuracyLevel))),
            bytes + scales.Length);
    }

    /// <summary>Random weights with zeros in the format's own pattern.</summary>
    public (byte[] Model, long Bytes) Sparse(PackedFormat format, double sparsity)
    {
        // An N:M pattern with nothing zero beside it is N of M everywhere.
        var drawn = format.Pattern.Contains(':') ? 0 : sparsity;
        var blob = new KernelCase(format.Name, Outputs, Inputs, Rows, drawn, false, SparseActivation.None).Pack();
        return (Graph((graph, i) => graph.Initializer($"w{i}", OnnxWriter.UInt8, [blob.Length], blob)
            .Node("prunebuild", "SparseMatMul", ["x", $"w{i}"], [$"y{i}"], ("K", Inputs), ("N", Outputs), ("format", format.Name))), blob.Length);
    }

    private byte[] Graph(Func<OnnxWriter, int, OnnxWriter> add)
    {
        var graph = new OnnxWriter().Input("x", OnnxWriter.Float, Rows, Inputs);
        for (var i = 0; i < Copies; i++)
            graph = add(graph.Output($"y{i}", OnnxWriter.Float, Rows, Outputs), i);
        return graph.ToBytes();
    }

    /// <summary>Copies differ: ONNX Runtime keeps equal weights once when it packs them.</summary>
    private static byte[] Bytes(int count, int copy)
    {
        var bytes = new byte[count];
        new Random(copy).NextBytes(bytes);
        return bytes;
    }

    /// <summary>In (0.01, 1]: never zero, also after rounding to int8.</summary>
    public static float[] Weights(int count, int copy = 0)
    {
        var random = new Random(3 + copy);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 0.99f + 0.01f) * (random.Next(2) * 2 - 1))];
    }
}
