using PruneBuild.Runtime;
using PruneBuild.Tests.Ort;

namespace PruneBuild.Tests.Kernels;

public sealed unsafe class KernelTests
{
    public static TheoryData<string> Formats => [.. KernelOracle.Formats];

    public static TheoryData<string> ExactFormats => [.. KernelOracle.Formats.Where(KernelOracle.IsExact)];

    /// <summary>Kernels of arm64 run in Arm64KernelTests, under emulation.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_kernel_this_CPU_runs_answers_to_the_definition(string format) =>
        Assert.Null(KernelOracle.FirstMismatch(KernelCase.All(format), [.. KernelRegistry.Kernels.Where(kernel => kernel.Format == format && KernelRegistry.CanExecute(kernel.Tier))]));

    public static TheoryData<string> Convolving => [.. KernelOracle.Formats.Where(ConvolutionOracle.CanConvolve)];

    [Theory]
    [MemberData(nameof(Convolving))]
    public void Convolutions_of_every_tier_answer_to_the_definition(string format) =>
        Assert.All(KernelRegistry.Tiers, tier => Assert.Null(ConvolutionOracle.FirstMismatch(format, tier)));

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_oracle_notices_a_kernel_that_is_wrong_in_one_output(string format)
    {
        planted = format;
        Assert.NotNull(KernelOracle.FirstMismatch(KernelCase.All(format), new SparseKernel(format, KernelTier.Portable, RowBucket.Few, &WrongInOneOutput)));
    }

    [Theory]
    [MemberData(nameof(ExactFormats))]
    public void All_tiers_of_this_CPU_give_the_same_bits(string format) =>
        Assert.Single(KernelRegistry.Tiers.Select(tier => KernelOracle.Checksum(format, tier)).Distinct());

    [Theory]
    [MemberData(nameof(ExactFormats))]
    public void A_row_of_a_batch_has_the_bits_of_that_row_alone(string format)
    {
        var test = new KernelCase(format, 50, 203, 23, 0.6, true, SparseActivation.None);
        var blob = test.Pack();
        var bias = test.Bias();
        KernelOracle.InPlace(blob, start =>
        {
            fixed (float* x = test.X(), b = bias)
            {
                foreach (var tier in KernelRegistry.Tiers)
                {
                    var matrix = SparseMatrix.Open(start, blob.Length, tier);
                    var batch = KernelOracle.Multiply(matrix, test, new SerialLoop());
                    var alone = new float[test.Outputs];
                    for (var row = 0; row < test.Rows; row++)
                    {
                        fixed (float* y = alone)
                            matrix.Multiply(x + row * test.Inputs, 1, new SparseEpilogue(b, null, test.Outputs, test.Activation), y, new SerialLoop());
                        Assert.Equal(batch[(row * test.Outputs)..((row + 1) * test.Outputs)], alone);
                    }
                }
            }

            return true;
        });
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_number_of_threads_does_not_change_a_bit(string format)
    {
        foreach (var (outputs, rows) in new[] { (517, 65), (1031, 9), (40, 400) })
        {
            var test = new KernelCase(format, outputs, 516, rows, 0.3, true, SparseActivation.Silu) { HasResidual = true };
            var blob = test.Pack();
            KernelOracle.InPlace(blob, start =>
            {
                var matrix = SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier());
                var serial = KernelOracle.Multiply(matrix, test, new SerialLoop());
                foreach (var threads in new[] { 1, 2, 3, 8 })
                {
                    var counter = new int[1];
                    Assert.Equal(serial, KernelOracle.Multiply(matrix, test, new ThreadsLoop(threads, counter)));
                    Assert.True(counter[0] > 1, "The multiplication was not divided.");
                }

                return true;
            });
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_residual_comes_after_the_bias_and_before_the_activation(string format)
    {
        var test = new KernelCase(format, 19, 37, 6, 0.5, true, SparseActivation.Relu) { HasResidual = true };
        var blob = test.Pack();
        var plain = KernelOracle.InPlace(blob, start => KernelOracle.Multiply(
            SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier()), test with { HasResidual = false, Activation = SparseActivation.None }, new SerialLoop()));
        var expected = plain.Zip(test.Residual(), (value, residual) => Math.Max(value + residual, 0));
        Assert.Equal(expected, KernelOracle.InPlace(blob, start => KernelOracle.Multiply(SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier()), test, new SerialLoop())));
    }

    [Theory]
    [MemberData(nameof(ExactFormats))]
    public void The_definition_of_an_integer_format_is_within_the_activation_rounding_of_the_real_product(string format)
    {
        foreach (var test in KernelCase.All(format).Where(test => test.Rows < 20))
        {
            var blob = test.Pack();
            var (weights, x, bias) = (test.Packed.Unpack(blob).ToSingles(), test.X(), test.Bias());
            var actual = KernelOracle.Expected(test, blob);
            for (var row = 0; row < test.Rows; row++)
            {
                var source = x.AsSpan(row * test.Inputs, test.Inputs).ToArray();
                var halfStep = source.Max(Math.Abs) / 63.0 / 2;
                for (var output = 0; output < test.Outputs; output++)
                {
                    double real = 0, magnitude = 0;
                    for (var input = 0; input < test.Inputs; input++)
                    {
                        double weight = weights[output * test.Inputs + input];
                        real += source[input] * weight;
                        magnitude += Math.Abs(weight);
                    }

                    var bound = halfStep * magnitude;
                    real += test.HasBias ? bias[output] : 0;
                    real = test.Activation == SparseActivation.Relu ? Math.Max(real, 0) : real;
                    Assert.InRange(actual[row * test.Outputs + output] - real, -1.0001 * bound - 1e-5, 1.0001 * bound + 1e-5);
                }
            }
        }
    }

    public static TheoryData<string, float> NotFinite =>
        [.. from format in KernelOracle.Formats from value in new[] { float.NaN, float.NegativeInfinity } select (format, value)];

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void A_row_that_is_not_finite_gives_NaN_and_leaves_other_rows_alone(string format, float value)
    {
        foreach (var rows in new[] { 6, 20 })
        {
            var test = new KernelCase(format, 19, 37, rows, 0.5, true, SparseActivation.Relu);
            var blob = test.Pack();
            var x = test.X();
            var clean = KernelOracle.InPlace(blob, start => KernelOracle.Multiply(SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier()), test, new SerialLoop()));
            x[2 * test.Inputs + 36] = value;
            var y = new float[test.Rows * test.Outputs];
            KernelOracle.InPlace(blob, start =>
            {
                fixed (float* source = x, bias = test.Bias(), target = y)
                    SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier()).Multiply(source, test.Rows, new SparseEpilogue(bias, null, test.Outputs, test.Activation), target, new SerialLoop());
                return true;
            });

            Assert.All(y.Skip(2 * test.Outputs).Take(test.Outputs), result => Assert.True(float.IsNaN(result)));
            Assert.Equal(clean.AsSpan(0, 2 * test.Outputs), y.AsSpan(0, 2 * test.Outputs));
            Assert.Equal(clean.AsSpan(3 * test.Outputs), y.AsSpan(3 * test.Outputs));
        }
    }

    [ThreadStatic]
    private static string? planted;

    /// <summary>The portable kernel of the planted format, then an eighth added to one output of the last row.</summary>
    private static void WrongInOneOutput(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var kernel = KernelRegistry.Kernels.First(kernel => kernel.Format == planted && kernel.Tier == KernelTier.Portable && kernel.Layout.PanelRows == 0);
        kernel.Run(job, row, rowEnd, group, groupEnd);
        job->Y[(rowEnd - 1) * job->YStride + group * PackedFormats.Find(planted!)!.OutputsPerGroup] += 0.125f;
    }

    private readonly struct ThreadsLoop(int threads, int[] parts) : IParallelLoop
    {
        public void Run(int count, delegate* unmanaged[Cdecl]<void*, nuint, void> body, void* state)
        {
            parts[0] = count;
            nint function = (nint)body, argument = (nint)state;
            Parallel.For(0, count, new() { MaxDegreeOfParallelism = threads }, i => ((delegate* unmanaged[Cdecl]<void*, nuint, void>)function)((void*)argument, (nuint)i));
        }
    }
}
