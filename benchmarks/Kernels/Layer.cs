using System.Runtime.InteropServices;
using PruneBuild.Runtime;
using PruneBuild.Tests.Ort;

namespace PruneBuild.Benchmarks.Kernels;

/// <summary>One random fully connected layer, as models of each kernel that could serve it.</summary>
internal sealed record Layer(int Inputs, int Outputs, int Rows, int Threads)
{
    public (byte[] Model, long Bytes) Float32()
    {
        var weights = MemoryMarshal.AsBytes<float>(Weights(Inputs * Outputs)).ToArray();
        return (Graph().Initializer("w", OnnxWriter.Float, [Inputs, Outputs], weights).Node("", "MatMul", ["x", "w"], ["y"]).ToBytes(), weights.Length);
    }

    public (byte[] Model, long Bytes) DynamicInt8()
    {
        var weights = new byte[Inputs * Outputs];
        new Random(1).NextBytes(weights);
        var scales = MemoryMarshal.AsBytes<float>(Weights(Outputs)).ToArray();
        var zeroPoints = new byte[Outputs];
        return (Graph().Initializer("w", OnnxWriter.Int8, [Inputs, Outputs], weights).Initializer("s", OnnxWriter.Float, [Outputs], scales)
            .Initializer("z", OnnxWriter.Int8, [Outputs], zeroPoints)
            .Node("com.microsoft", "DynamicQuantizeMatMul", ["x", "w", "s", "z"], ["y"]).ToBytes(), weights.Length + scales.Length);
    }

    public (byte[] Model, long Bytes) Int4(int blockSize)
    {
        var blocks = (Inputs + blockSize - 1) / blockSize;
        var weights = new byte[Outputs * blocks * blockSize / 2];
        new Random(1).NextBytes(weights);
        var scales = MemoryMarshal.AsBytes<float>(Weights(Outputs * blocks)).ToArray();
        return (Graph().Initializer("w", OnnxWriter.UInt8, [Outputs, blocks, blockSize / 2], weights).Initializer("s", OnnxWriter.Float, [Outputs * blocks], scales)
            .Node("com.microsoft", "MatMulNBits", ["x", "w", "s"], ["y"], ("K", Inputs), ("N", Outputs), ("bits", 4), ("block_size", blockSize), ("accuracy_level", 4)).ToBytes(),
            weights.Length + scales.Length);
    }

    public (byte[] Model, long Bytes) Block8x4Int8At(double sparsity)
    {
        var weights = Array.ConvertAll(Sparse(sparsity, 4), weight => (sbyte)(weight * 127));
        return Packed(Block8x4Int8.Name, Block8x4Int8.Pack(weights, Array.ConvertAll(Weights(Outputs), Math.Abs), Outputs, Inputs));
    }

    public (byte[] Model, long Bytes) Block8x1Float32At(double sparsity) =>
        Packed(Block8x1Float32.Name, Block8x1Float32.Pack(Sparse(sparsity, 1), Outputs, Inputs));

    private (byte[] Model, long Bytes) Packed(string format, byte[] blob) =>
        (Graph().Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Node("prunebuild", "SparseMatMul", ["x", "w"], ["y"], ("K", Inputs), ("N", Outputs), ("format", format)).ToBytes(), blob.Length);

    private OnnxWriter Graph() => new OnnxWriter().Input("x", OnnxWriter.Float, Rows, Inputs).Output("y", OnnxWriter.Float, Rows, Outputs);

    private float[] Sparse(double sparsity, int inputsPerBlock)
    {
        var random = new Random(2);
        var kept = new bool[(Outputs + 7) / 8, (Inputs + inputsPerBlock - 1) / inputsPerBlock];
        for (var i = 0; i < kept.Length; i++)
            kept[i / kept.GetLength(1), i % kept.GetLength(1)] = random.NextDouble() >= sparsity;
        var weights = Weights(Inputs * Outputs);
        for (var i = 0; i < weights.Length; i++)
            weights[i] = kept[i / Inputs / 8, i % Inputs / inputsPerBlock] ? weights[i] : 0;
        return weights;
    }

    /// <summary>In (0.01, 1]: never zero, also after rounding to int8.</summary>
    public static float[] Weights(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 0.99f + 0.01f) * (random.Next(2) * 2 - 1))];
    }
}
