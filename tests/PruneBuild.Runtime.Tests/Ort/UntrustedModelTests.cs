using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Runtime;
using PruneBuild.Tests.Formats;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

/// <summary>
/// Whole models whose packed weights are good, cut, flipped or lying: a session fails when it is made, or it runs. Weights and
/// tensors lie between guard pages, where a read or write outside ends the process. Covers every format that runs.
/// </summary>
public sealed unsafe class UntrustedModelTests
{
    private static readonly int[] RowCounts = [1, 5, 18];

    public static TheoryData<string> Formats => [.. KernelOracle.Formats];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_session_stays_inside_its_weights_and_tensors(string format)
    {
        var test = Case(format);
        var blob = test.Pack();
        foreach (var end in Enum.GetValues<GuardedEnd>())
            Assert.True(Runs(test, blob, end));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Cut_weights_fail_when_the_session_is_made(string format)
    {
        var test = Case(format);
        var blob = test.Pack();
        for (var length = 1; length < blob.Length; length += length < 80 ? 7 : 61)
            Assert.False(Runs(test, blob[..length], GuardedEnd.Last));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Flipped_bits_fail_when_the_session_is_made(string format)
    {
        var test = Case(format);
        var blob = test.Pack();
        for (var bit = 0; bit < blob.Length * 8; bit += bit < 64 * 8 ? 5 : 199)
        {
            blob[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(Runs(test, blob, GuardedEnd.Last));
            blob[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Lying_weights_fail_when_the_session_is_made_or_run(string format)
    {
        var test = Case(format);
        const int trials = 200;
        var ran = LyingWeights.Of(test.Pack(), trials, seed: 23).Count(blob => Runs(test, blob, GuardedEnd.Last));
        Assert.InRange(ran, 1, trials - trials / 20);
    }

    private static KernelCase Case(string format) => new(format, 21, 45, 1, 0.6, true, SparseActivation.Silu) { HasResidual = true };

    /// <summary>Makes a session around the weights where they are and runs it; false when it cannot be made.</summary>
    private static bool Runs(KernelCase test, byte[] blob, GuardedEnd end)
    {
        using var weights = GuardedMemory.Of<byte>(blob, end);
        using var w = Tensor(weights, TensorElementType.UInt8, blob.Length);
        using var options = ModelSession.CreateOptions(1);
        options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        options.AddInitializer("w", w);
        InferenceSession session;
        var opened = new List<nint>();
        try
        {
            SparseMatrix.Opened = (address, _) => opened.Add(address);
            session = new(Model(test, blob), options);
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
        finally
        {
            SparseMatrix.Opened = null;
        }

        using (session)
        {
            Assert.Equal([(nint)weights.Start], opened);
            foreach (var rows in RowCounts)
                Run(session, test with { Rows = rows }, end);
        }

        return true;
    }

    private static void Run(InferenceSession session, KernelCase test, GuardedEnd end)
    {
        using var x = GuardedMemory.Of<float>(test.X(), end);
        using var bias = GuardedMemory.Of<float>(test.Bias(), end);
        using var residual = GuardedMemory.Of<float>(test.Residual(), end);
        using var y = new GuardedMemory(test.Rows * test.Outputs * sizeof(float), end);
        using OrtValue xValue = Tensor(x, TensorElementType.Float, test.Rows, test.Inputs), biasValue = Tensor(bias, TensorElementType.Float, test.Outputs);
        using OrtValue residualValue = Tensor(residual, TensorElementType.Float, test.Rows, test.Outputs), yValue = Tensor(y, TensorElementType.Float, test.Rows, test.Outputs);
        using var options = new RunOptions();
        session.Run(options, ["x", "b", "r"], [xValue, biasValue, residualValue], ["y"], [yValue]);
        Assert.True(y.As<float>().ContainsAnyExcept(0f));
    }

    private static byte[] Model(KernelCase test, byte[] blob) => new OnnxWriter()
        .Input("x", OnnxWriter.Float, "rows", test.Inputs).Input("b", OnnxWriter.Float, test.Outputs).Input("r", OnnxWriter.Float, "rows", test.Outputs)
        .Output("y", OnnxWriter.Float, "rows", test.Outputs).Initializer("w", OnnxWriter.UInt8, [blob.Length], blob)
        .Node("prunebuild", "SparseMatMul", ["x", "w", "b", "r"], ["y"], ("K", test.Inputs), ("N", test.Outputs), ("format", test.Format), ("activation", test.Activation.AttributeName()))
        .ToBytes();

    private static OrtValue Tensor(GuardedMemory memory, TensorElementType type, params long[] shape) =>
        OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape, (nint)memory.Start, memory.Bytes);
}
