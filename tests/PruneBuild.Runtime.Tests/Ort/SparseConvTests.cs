using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

public sealed class SparseConvTests
{
    /// <summary>The formats with kernels for convolutions.</summary>
    public static TheoryData<string> Formats =>
        [.. KernelOracle.Formats.Where(format => KernelRegistry.Kernels.Any(kernel => kernel.Format == format && HasConvolution(kernel)))];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_session_answers_to_the_definition_in_every_geometry(string format)
    {
        foreach (var test in Geometries(format))
        {
            var blob = test.Product.Pack();
            AssertAnswers(test, blob, Run(test, test.Sparse(blob)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_tier_answers_to_the_definition(string format)
    {
        foreach (var tier in KernelRegistry.Tiers)
        {
            KernelRegistry.ForcedTier = tier;
            try
            {
                foreach (var width in new[] { 1, 6, 19 })
                {
                    var test = new ConvCase(format, 24, 32, 1, [5, width], [3, 3], Pads: [1, 1, 1, 1]) { HasBias = true };
                    var blob = test.Product.Pack();
                    AssertAnswers(test, blob, Run(test, test.Sparse(blob)));
                }
            }
            finally
            {
                KernelRegistry.ForcedTier = null;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Threads_of_the_session_do_not_change_a_bit(string format)
    {
        foreach (var test in new ConvCase[]
        {
            new(format, 70, 64, 3, [29, 31], [3, 3], Pads: [1, 1, 1, 1]) { HasBias = true, HasResidual = true, Activation = SparseActivation.Silu },
            new(format, 200, 256, 1, [24, 24], [1, 1]),
            new(format, 520, 512, 1, [7, 7], [3, 3], Pads: [1, 1, 1, 1]),
        })
        {
            var blob = test.Product.Pack();
            var expected = Run(test, test.Sparse(blob));
            foreach (var threads in new[] { 2, 4 })
                Assert.Equal(expected, Run(test, test.Sparse(blob), threads));
        }
    }

    [Fact]
    public void One_session_serves_images_of_every_size_at_once()
    {
        var tests = Enumerable.Range(3, 12).Select(size => new ConvCase(Block8x4Int8.FormatName, 16, 8, 1 + size % 2, [size, 17 - size], [3, 3])).ToArray();
        var blob = tests[0].Product.Pack();
        using var session = SparseModel.Open(tests[0].Sparse(blob), threads: 2);
        Parallel.For(0, 4 * tests.Length, i =>
        {
            var test = tests[i % tests.Length];
            using var x = OrtValue.CreateTensorValueFromMemory(test.X(), test.Shape);
            using var options = new RunOptions();
            using var results = session.Run(options, ["x"], [x], ["y"]);
            Assert.Equal(test.Reference(blob), results[0].GetTensorDataAsSpan<float>().ToArray());
        });
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_image_that_is_not_finite_gives_NaN_and_leaves_the_others_alone(string format)
    {
        var test = new ConvCase(format, 12, 16, 3, [6, 6], [3, 3]) { HasBias = true, Activation = SparseActivation.Relu };
        var blob = test.Product.Pack();
        var expected = Run(test, test.Sparse(blob));
        var x = test.X();
        x[x.Length / 2] = float.PositiveInfinity;
        var actual = Run(test, test.Sparse(blob), x: x);
        var third = expected.Length / 3;
        Assert.Equal(expected[..third], actual[..third]);
        Assert.All(actual[third..(2 * third)], value => Assert.True(float.IsNaN(value)));
        Assert.Equal(expected[(2 * third)..], actual[(2 * third)..]);
    }

    [Fact]
    public void No_images_give_an_empty_result()
    {
        var test = new ConvCase(Block8x4Int8.FormatName, 12, 16, 0, [6, 6], [3, 3]);
        Assert.Empty(Run(test, test.Sparse(test.Product.Pack())));
    }

    [Theory]
    [InlineData("strides", new[] { 0, 1 })]
    [InlineData("strides", new[] { 1 })]
    [InlineData("pads", new[] { 1, 1 })]
    [InlineData("pads", new[] { -1, 0, 0, 0 })]
    [InlineData("pads", new[] { 0, 0, 0, int.MaxValue })]
    [InlineData("dilations", new[] { 1, 0 })]
    [InlineData("kernel_shape", new[] { 3, 0 })]
    [InlineData("kernel_shape", new[] { 3, 1, 3 })]
    [InlineData("kernel_shape", new[] { 2, 5 }, "not a multiple")]
    [InlineData("kernel_shape", new[] { 1, 48 }, "multiples of 4 channels")]
    [InlineData("kernel_shape", new[] { 1 << 16, 1 << 16 })]
    public void Attributes_that_make_no_convolution_fail_when_the_session_is_made(string name, int[] values, string? message = null)
    {
        var test = new ConvCase(Block8x4Int8.FormatName, 12, 16, 1, [9, 9], [3, 3]);
        var model = test.Sparse(test.Product.Pack(), (name, values));
        Assert.Contains(message ?? name, Assert.Throws<OnnxRuntimeException>(() => SparseModel.Open(model).Dispose()).Message);
    }

    [Fact]
    public void A_format_without_kernels_for_convolutions_fails_when_the_session_is_made()
    {
        if (KernelOracle.Formats.Except(Formats.Select(row => row.Data)).FirstOrDefault() is not { } format)
            return;
        var test = new ConvCase(format, 16, 64, 1, [9, 9], [3, 3]);
        Assert.Contains("no kernels for convolutions", Assert.Throws<OnnxRuntimeException>(() => SparseModel.Open(test.Sparse(test.Product.Pack())).Dispose()).Message);
    }

    [Theory]
    [InlineData("does not fit", 1, 16, 2, 9)]
    [InlineData("does not fit", 1, 16, 0, 9)]
    [InlineData("16 channels", 1, 12, 9, 9)]
    [InlineData("4 dimensions", 1, 16, 9)]
    [InlineData("4 dimensions", 16)]
    public void Images_that_do_not_fit_fail_the_run(string message, params int[] shape)
    {
        var test = new ConvCase(Block8x4Int8.FormatName, 12, 16, 1, [9, 9], [3, 3]);
        var model = new OnnxWriter().Input("x", OnnxWriter.Float, [.. shape.Select((_, axis) => (object)$"d{axis}")]).Output("y", OnnxWriter.Float)
            .Initializer("w", OnnxWriter.UInt8, [test.Product.Pack().Length], test.Product.Pack())
            .Node("prunebuild", "SparseConv", ["x", "w"], ["y"], ("K", 144), ("N", 12), ("format", test.Format), ("kernel_shape", new[] { 3, 3 })).ToBytes();
        using var session = SparseModel.Open(model);
        using var x = OrtValue.CreateTensorValueFromMemory(new float[shape.Aggregate((product, size) => product * size)], [.. shape.Select(size => (long)size)]);
        using var options = new RunOptions();
        Assert.Contains(message, Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [x], ["y"])).Message);
    }

    [Fact]
    public void A_padded_image_beyond_reason_fails_the_run_and_not_the_process()
    {
        var test = new ConvCase(Block8x4Int8.FormatName, 12, 16, 1, [9, 9], [3, 3]);
        using var session = SparseModel.Open(test.Sparse(test.Product.Pack(), ("pads", new[] { 1 << 20, 1 << 20, 1 << 20, 1 << 20 })));
        using var x = OrtValue.CreateTensorValueFromMemory(test.X(), test.Shape);
        using var options = new RunOptions();
        Assert.Contains("more than one convolution takes", Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [x], ["y"])).Message);
    }

    [Fact]
    public void A_residual_of_another_shape_fails_the_run()
    {
        var test = new ConvCase(Block8x4Int8.FormatName, 12, 16, 1, [9, 9], [3, 3]) { HasResidual = true };
        using var session = SparseModel.Open(test.Sparse(test.Product.Pack()));
        using var x = OrtValue.CreateTensorValueFromMemory(new float[16 * 10 * 9], [1, 16, 10, 9]);
        using var options = new RunOptions();
        Assert.Contains("residual", Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["x"], [x], ["y"])).Message);
    }

    private static unsafe bool HasConvolution(SparseKernel kernel) => kernel.Convolve != null;

    private static IEnumerable<ConvCase> Geometries(string format)
    {
        yield return new(format, 16, 16, 1, [8, 8], [3, 3], Pads: [1, 1, 1, 1]);
        yield return new(format, 13, 32, 2, [7, 9], [3, 3], Pads: [1, 1, 1, 1]) { HasBias = true, Activation = SparseActivation.Relu };
        yield return new(format, 24, 16, 1, [9, 10], [3, 3], Strides: [2, 2], Pads: [0, 1, 1, 0]) { HasBias = true };
        yield return new(format, 8, 16, 3, [11, 6], [2, 3], Strides: [3, 1], Pads: [2, 0, 0, 3]) { HasResidual = true };
        yield return new(format, 17, 16, 1, [12, 13], [3, 3], Pads: [2, 2, 2, 2], Dilations: [2, 2]) { HasBias = true, HasResidual = true, Activation = SparseActivation.Relu };
        yield return new(format, 10, 48, 2, [10, 33], [3, 5], Strides: [1, 2], Pads: [0, 3, 0, 4], Dilations: [3, 2]);
        yield return new(format, 40, 64, 1, [6, 7], [1, 1]) { HasBias = true, HasResidual = true, Activation = SparseActivation.Relu };
        yield return new(format, 33, 32, 2, [9, 9], [1, 1], Strides: [2, 2]) { HasBias = true };
        yield return new(format, 12, 16, 1, [1, 1], [3, 3], Pads: [1, 1, 1, 1]);
        yield return new(format, 12, 16, 1, [2, 3], [5, 5], Pads: [2, 2, 2, 2]);
        yield return new(format, 12, 16, 1, [8, 1], [3, 1]);
        yield return new(format, 12, 16, 2, [5, 5], [5, 5]);
        yield return new(format, 19, 32, 2, [100], [9], Strides: [2], Pads: [4, 3]) { HasBias = true };
        yield return new(format, 8, 16, 1, [150], [3], Pads: [2, 2], Dilations: [2]) { HasResidual = true, Activation = SparseActivation.Relu };
        yield return new(format, 260, 64, 1, [20, 21], [3, 3], Pads: [1, 1, 1, 1]);
    }

    private static float[] Run(ConvCase test, byte[] model, int threads = 1, float[]? x = null)
    {
        using var session = SparseModel.Open(model, threads);
        using var value = OrtValue.CreateTensorValueFromMemory(x ?? test.X(), test.Shape);
        using var options = new RunOptions();
        using var results = session.Run(options, ["x"], [value], ["y"]);
        Assert.Equal(test.OutputShape, results[0].GetTensorTypeAndShape().Shape);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Bits where activations are quantized; else within the rounding of two sums, in ONNX Runtime's order and in ours.</summary>
    private static void AssertAnswers(ConvCase test, byte[] blob, float[] actual)
    {
        if (KernelOracle.IsExact(test.Format))
        {
            Assert.Equal(MemoryMarshal.Cast<float, int>(test.Reference(blob)), MemoryMarshal.Cast<float, int>(actual));
            return;
        }

        var expected = Run(test, test.Dense(blob));
        var weights = test.Product.Packed.Unpack(blob).ToSingles();
        for (var i = 0; i < expected.Length; i++)
        {
            var output = i / (expected.Length / test.Images / test.Outputs) % test.Outputs;
            var magnitude = 2 + weights.AsSpan(output * test.Product.Inputs, test.Product.Inputs).ToArray().Sum(weight => (double)Math.Abs(weight));
            Assert.InRange(Math.Abs((double)expected[i] - actual[i]), 0, 2 * (test.Product.Inputs + 4) * Math.Pow(2, -24) * magnitude);
        }
    }
}
