using PruneBuild.Runtime;
using PruneBuild.Tests.Formats;

namespace PruneBuild.Tests.Kernels;

/// <summary>
/// Kernels between guard pages: a read or write outside of the weights, x, bias, residual, y or the prepared activations ends the
/// process. Covers every registered kernel and every format that runs.
/// </summary>
public sealed unsafe class GuardedKernelTests
{
    private static readonly int[] RowCounts = [1, 5, 18];

    public static TheoryData<string> Formats => KernelTests.Formats;

    public static TheoryData<string, KernelTier, RowBucket> Executable =>
        [.. KernelRegistry.Kernels.Where(kernel => KernelRegistry.CanExecute(kernel.Tier)).Select(kernel => (kernel.Format, kernel.Tier, kernel.Rows))];

    [Theory]
    [MemberData(nameof(Executable))]
    public void A_kernel_stays_inside_its_weights_and_tensors(string format, KernelTier tier, RowBucket bucket)
    {
        var kernel = Kernel(format, tier, bucket);
        foreach (var test in Cases(format, [(1, 1), (21, 45), (40, 64), (129, 96)]))
        {
            var blob = test.Pack();
            var expected = KernelOracle.Actual(kernel, test, blob);
            foreach (var end in Enum.GetValues<GuardedEnd>())
            {
                using var weights = GuardedMemory.Of<byte>(blob, end);
                Assert.Equal(expected, Multiply(SparseMatrix.OpenWith(weights.Start, blob.Length, kernel), test, end));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Executable))]
    public void A_kernel_stays_inside_the_prepared_activations(string format, KernelTier tier, RowBucket bucket)
    {
        var kernel = Kernel(format, tier, bucket);
        foreach (var test in Cases(format, [(16, 1), (16, 45), (48, 64)]))
        {
            var blob = test.Pack();
            foreach (var end in Enum.GetValues<GuardedEnd>())
            {
                using var weights = GuardedMemory.Of<byte>(blob, end);
                using var x = GuardedMemory.Of<float>(test.X(), end);
                using var y = new GuardedMemory(test.Rows * test.Outputs * sizeof(float), end);
                var matrix = SparseMatrix.OpenWith(weights.Start, blob.Length, kernel);
                var activations = new ActivationBuffer(matrix.Packed, kernel.Layout, test.Rows);
                using var scratch = new GuardedMemory(activations.Bytes, GuardedEnd.First);
                var job = matrix.Bind();
                job.Y = (float*)y.Start;
                job.YStride = test.Outputs;
                activations.Prepare((float*)x.Start, scratch.Start, &job);

                // What was prepared shares one buffer; each part gets guards of its own.
                var panelRows = kernel.Layout.PanelRows;
                var panels = panelRows == 0 ? 0 : (test.Rows + panelRows - 1) / panelRows * panelRows * test.Inputs;
                using var quantized = GuardedMemory.Of(new ReadOnlySpan<byte>(job.Quantized, (int)(test.Rows * job.QuantizedStride)), end);
                using var transposed = GuardedMemory.Of(new ReadOnlySpan<float>(job.X, panels), end);
                job.Quantized = quantized.Start;
                job.X = panels == 0 ? job.X : (float*)transposed.Start;
                kernel.Run(&job, 0, test.Rows, 0, matrix.Groups);
                Assert.Equal(KernelOracle.Actual(kernel, test, blob), y.As<float>().ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Lying_weights_are_refused_or_multiplied_inside_their_bytes(string format)
    {
        var original = new KernelCase(format, 21, 45, 1, 0.6, false, SparseActivation.None).Pack();
        var refused = 0;
        const int trials = 2000;
        foreach (var blob in LyingWeights.Of(original, trials, seed: 11))
        {
            try
            {
                foreach (var end in Enum.GetValues<GuardedEnd>())
                {
                    using var weights = GuardedMemory.Of<byte>(blob, end);
                    var matrix = SparseMatrix.Open(weights.Start, blob.Length, KernelRegistry.SelectTier());
                    foreach (var rows in RowCounts)
                        Multiply(matrix, new(format, matrix.Packed.Outputs, matrix.Packed.Inputs, rows, 0, false, SparseActivation.None), end);
                }
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, trials / 20, trials - 1);
    }

    private static SparseKernel Kernel(string format, KernelTier tier, RowBucket bucket) =>
        KernelRegistry.Kernels.Single(kernel => kernel.Format == format && kernel.Tier == tier && kernel.Rows == bucket);

    private static IEnumerable<KernelCase> Cases(string format, (int Outputs, int Inputs)[] shapes) =>
        from shape in shapes
        from rows in RowCounts
        from sparsity in new[] { 0, 0.6, 1 }
        select new KernelCase(format, shape.Outputs, shape.Inputs, rows, sparsity, false, SparseActivation.None);

    /// <summary>As <see cref="KernelOracle.Multiply"/>, every tensor between guards.</summary>
    private static float[] Multiply(SparseMatrix matrix, KernelCase test, GuardedEnd end)
    {
        using var x = GuardedMemory.Of<float>(test.X(), end);
        using var bias = GuardedMemory.Of<float>((test with { HasBias = true }).Bias(), end);
        using var residual = GuardedMemory.Of<float>((test with { HasResidual = true }).Residual(), end);
        using var y = new GuardedMemory(test.Rows * test.Outputs * sizeof(float), end);
        matrix.Multiply((float*)x.Start, test.Rows, new SparseEpilogue((float*)bias.Start, (float*)residual.Start, test.Outputs, SparseActivation.Gelu), (float*)y.Start, new SerialLoop());
        matrix.Multiply((float*)x.Start, test.Rows, new SparseEpilogue(test.HasBias ? (float*)bias.Start : null, null, test.Outputs, test.Activation), (float*)y.Start, new SerialLoop());
        return y.As<float>().ToArray();
    }
}
