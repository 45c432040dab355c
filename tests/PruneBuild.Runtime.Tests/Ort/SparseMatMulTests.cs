using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

public sealed class SparseMatMulTests
{
    public static TheoryData<string> Formats => [.. KernelOracle.Formats];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_session_answers_to_the_definition(string format)
    {
        foreach (var rows in new[] { 1, 2, 4, 7, 33 })
        {
            var test = new KernelCase(format, 43, 70, rows, 0.6, rows % 2 == 0, rows % 3 == 0 ? SparseActivation.Relu : SparseActivation.None);
            var blob = test.Pack();
            using var session = SparseModel.Open(SparseModel.Create(test, blob));
            var (expected, actual, bound) = (KernelOracle.Expected(test, blob), SparseModel.Run(session, test), KernelOracle.Bound(test, blob));
            for (var i = 0; i < expected.Length; i++)
                Assert.InRange(Math.Abs((double)expected[i] - actual[i]), 0, bound?[i] ?? 0);
        }
    }

    [Fact]
    public void A_residual_is_added_before_the_activation()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 24, 24, 5, 0.5, true, SparseActivation.Gelu) { HasResidual = true };
        var blob = test.Pack();
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "rows", 24).Output("y", OnnxWriter.Float, "rows", 24)
            .Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Initializer("b", OnnxWriter.Float, [24], MemoryMarshal.AsBytes<float>(test.Bias()))
            .Initializer("r", OnnxWriter.Float, [5, 24], MemoryMarshal.AsBytes<float>(test.Residual()))
            .Node("prunebuild", "SparseMatMul", ["x", "w", "b", "r"], ["y"], ("K", 24), ("N", 24), ("format", test.Format), ("activation", "gelu")).ToBytes();
        using var session = SparseModel.Open(model);
        Assert.Equal(KernelOracle.Expected(test, blob), SparseModel.Run(session, test));
    }

    [Fact]
    public void A_residual_of_another_shape_fails_the_run()
    {
        var blob = Zeros();
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "rows", 8).Output("y", OnnxWriter.Float, "rows", 8).Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Initializer("r", OnnxWriter.Float, [8], MemoryMarshal.AsBytes<float>(new float[8]))
            .Node("prunebuild", "SparseMatMul", ["x", "w", "", "r"], ["y"], ("K", 8), ("N", 8), ("format", Block8x4Int8.FormatName)).ToBytes();
        using var session = SparseModel.Open(model);
        using var x = OrtValue.CreateTensorValueFromMemory(new float[16], [2, 8]);
        using var options = new RunOptions();
        Assert.Contains("residual", Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [x], ["y"])).Message);
    }

    [Fact]
    public void One_session_serves_every_batch_size()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 43, 70, 12, 0.6, true, SparseActivation.None);
        var blob = test.Pack();
        var expected = KernelOracle.Expected(test, blob);
        using var session = SparseModel.Open(SparseModel.Create(test, blob));
        foreach (var rows in new[] { 12, 1, 5, 8 })
        {
            using var x = OrtValue.CreateTensorValueFromMemory(test.X()[..(rows * test.Inputs)], [rows, test.Inputs]);
            using var options = new RunOptions();
            using var results = session.Run(options, ["x"], [x], ["y"]);
            Assert.Equal(expected[..(rows * test.Outputs)], results[0].GetTensorDataAsSpan<float>().ToArray());
        }
    }

    [Fact]
    public void Leading_dimensions_are_kept_and_an_empty_batch_gives_an_empty_result()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 16, 24, 6, 0.5, false, SparseActivation.None);
        var blob = test.Pack();
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "a", "b", 24).Output("y", OnnxWriter.Float, "a", "b", 16)
            .Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Node("prunebuild", "SparseMatMul", ["x", "w"], ["y"], ("K", 24), ("N", 16), ("format", test.Format)).ToBytes();
        using var session = SparseModel.Open(model);
        Assert.Equal(KernelOracle.Expected(test, blob), SparseModel.Run(session, test, 2, 3));

        using var empty = OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [2, 0, 24]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["x"], [empty], ["y"]);
        Assert.Equal([2, 0, 16], results[0].GetTensorTypeAndShape().Shape);
    }

    [Fact]
    public void Sparse_nodes_feed_ordinary_ones_without_declared_shapes()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 24, 24, 5, 0.5, false, SparseActivation.None);
        var blob = test.Pack();
        var node = new (string, object)[] { ("K", 24), ("N", 24), ("format", test.Format) };
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "rows", 24).Output("y", OnnxWriter.Float, "rows", 24)
            .Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Node("prunebuild", "SparseMatMul", ["x", "w"], ["a"], node)
            .Node("", "Relu", ["a"], ["b"])
            .Node("prunebuild", "SparseMatMul", ["b", "w"], ["y"], node).ToBytes();
        float[] hidden = new float[5 * 24], expected = new float[5 * 24];
        test.Packed.Reference(blob, test.X(), 5, new() { Activation = SparseActivation.Relu }, hidden);
        test.Packed.Reference(blob, hidden, 5, default, expected);
        using var session = SparseModel.Open(model);
        Assert.Equal(expected, SparseModel.Run(session, test));
    }

    [Fact]
    public void Threads_of_the_session_do_not_change_a_bit()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 517, 516, 65, 0.3, true, SparseActivation.Relu);
        var blob = test.Pack();
        var expected = KernelOracle.Expected(test, blob);
        foreach (var threads in new[] { 1, 2, 4 })
        {
            using var session = SparseModel.Open(SparseModel.Create(test, blob), threads);
            Assert.Equal(expected, SparseModel.Run(session, test));
        }
    }

    [Fact]
    public void Concurrent_runs_of_one_session_do_not_disturb_each_other()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 517, 516, 17, 0.3, true, SparseActivation.None);
        var blob = test.Pack();
        var expected = KernelOracle.Expected(test, blob);
        using var session = SparseModel.Open(SparseModel.Create(test, blob), threads: 2);
        var results = new float[16][];
        Parallel.For(0, results.Length, i => results[i] = SparseModel.Run(session, test));
        Assert.All(results, result => Assert.Equal(expected, result));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(100)]
    public void Packed_weights_are_read_from_external_data(int offset)
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 43, 70, 3, 0.6, true, SparseActivation.None);
        var blob = test.Pack();
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "weights.bin"), [.. new byte[offset], .. blob]);
            File.WriteAllBytes(Path.Combine(folder, "model.onnx"), SparseModel.CreateExternal(test, blob, "weights.bin", offset));
            using var session = ModelSession.Open(Path.Combine(folder, "model.onnx"), 1);
            Assert.Equal(KernelOracle.Expected(test, blob), SparseModel.Run(session, test));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_damaged_blob_fails_when_the_session_is_made()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 43, 70, 1, 0.6, false, SparseActivation.None);
        var blob = test.Pack();
        blob[blob.Length / 2] ^= 4;
        Assert.Contains("damaged", Fails(SparseModel.Create(test, blob)));
    }

    [Fact]
    public void A_node_that_contradicts_its_weights_fails_when_the_session_is_made()
    {
        var test = new KernelCase(Block8x4Int8.FormatName, 43, 70, 1, 0.6, false, SparseActivation.None);
        var blob = test.Pack();
        Assert.Contains("'block9x9' is not known", Fails(SparseModel.Create(test, blob, format: "block9x9")));
        Assert.Contains("the packed weights are block8x4.int8", Fails(SparseModel.Create(test, blob, format: Block8x1Float32.FormatName)));
        Assert.Contains("K=71", Fails(SparseModel.Create(test, blob, k: 71)));
        Assert.Contains("not PruneBuild packed weights", Fails(SparseModel.Create(test, [1, 2, 3])));
    }

    [Fact]
    public void Weights_that_are_not_an_initializer_are_refused()
    {
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, 1, 8).Input("w", OnnxWriter.UInt8, "bytes").Output("y", OnnxWriter.Float, 1, 8)
            .Node("prunebuild", "SparseMatMul", ["x", "w"], ["y"], ("K", 8), ("N", 8), ("format", Block8x4Int8.FormatName)).ToBytes();
        Assert.Contains("must be an initializer", Fails(model));
    }

    [Fact]
    public void An_unknown_activation_is_refused()
    {
        var blob = Zeros();
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, 1, 8).Output("y", OnnxWriter.Float, 1, 8).Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Node("prunebuild", "SparseMatMul", ["x", "w"], ["y"], ("K", 8), ("N", 8), ("format", Block8x4Int8.FormatName), ("activation", "softmax")).ToBytes();
        Assert.Contains("'softmax'", Fails(model));
    }

    [Fact]
    public void An_input_of_the_wrong_width_fails_the_run_and_not_the_process()
    {
        var blob = Zeros();
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "rows", "width").Output("y", OnnxWriter.Float, "rows", "n").Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Node("prunebuild", "SparseMatMul", ["x", "w"], ["y"], ("K", 8), ("N", 8), ("format", Block8x4Int8.FormatName)).ToBytes();
        using var session = SparseModel.Open(model);
        using var x = OrtValue.CreateTensorValueFromMemory(new float[9], [1, 9]);
        using var options = new RunOptions();
        Assert.Contains("must be 8", Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [x], ["y"])).Message);
    }

    [Fact]
    public void A_bias_of_the_wrong_length_fails_the_run()
    {
        var blob = Zeros();
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, "rows", 8).Output("y", OnnxWriter.Float, "rows", 8).Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
            .Initializer("b", OnnxWriter.Float, [7], MemoryMarshal.AsBytes<float>(new float[7]))
            .Node("prunebuild", "SparseMatMul", ["x", "w", "b"], ["y"], ("K", 8), ("N", 8), ("format", Block8x4Int8.FormatName)).ToBytes();
        using var session = SparseModel.Open(model);
        using var x = OrtValue.CreateTensorValueFromMemory(new float[8], [1, 8]);
        using var options = new RunOptions();
        Assert.Contains("[8]", Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [x], ["y"])).Message);
    }

    private static byte[] Zeros() => Block8x4Int8.Format.Pack(WeightMatrix.FromInt8(new sbyte[64], new float[8], 8, 8));

    private static string Fails(byte[] model) => Assert.Throws<OnnxRuntimeException>(() => SparseModel.Open(model).Dispose()).Message;
}
