using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

public sealed unsafe class KernelTests
{
    /// <summary>What this CPU can run; kernels of arm64 run in Arm64KernelTests, under emulation.</summary>
    public static TheoryData<string, KernelTier, RowBucket> Supported =>
        [.. KernelRegistry.Kernels.Where(kernel => KernelOracle.Supports(kernel.Tier)).Select(kernel => (kernel.Format, kernel.Tier, kernel.Rows))];

    [Theory]
    [MemberData(nameof(Supported))]
    public void Every_kernel_this_CPU_runs_gives_the_bits_of_the_definition(string format, KernelTier tier, RowBucket rows)
    {
        var kernel = KernelRegistry.Kernels.Single(candidate => candidate.Format == format && candidate.Tier == tier && candidate.Rows == rows);
        Assert.Null(KernelOracle.FirstMismatch(kernel));
    }

    [Theory]
    [InlineData(Block8x4Int8.Name, RowBucket.One)]
    [InlineData(Block8x4Int8.Name, RowBucket.Four)]
    [InlineData(Block8x1Float32.Name, RowBucket.One)]
    [InlineData(Block8x1Float32.Name, RowBucket.Four)]
    public void The_oracle_notices_a_kernel_that_is_wrong_in_one_output(string format, RowBucket rows) =>
        Assert.NotNull(KernelOracle.FirstMismatch(new SparseKernel(format, KernelTier.Portable, rows, &WrongInLastOutput)));

    [Theory]
    [InlineData(Block8x4Int8.Name)]
    [InlineData(Block8x1Float32.Name)]
    public void All_tiers_of_this_CPU_give_the_same_bits(string format)
    {
        Skips.Unless(KernelOracle.HasFma, "Without FMA, float32 sums are rounded twice.");
        Assert.Single(KernelRegistry.Tiers.Select(tier => KernelOracle.Checksum(format, tier)).Distinct());
    }

    [Theory]
    [InlineData(Block8x4Int8.Name)]
    [InlineData(Block8x1Float32.Name)]
    public void A_row_of_a_batch_has_the_bits_of_that_row_alone(string format)
    {
        var test = new KernelCase(format, 50, 203, 23, 0.6, true, SparseActivation.None);
        var blob = test.Pack();
        var bias = test.Bias();
        fixed (byte* start = blob)
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
                        matrix.Multiply(x + row * test.Inputs, 1, b, test.Activation, y, new SerialLoop());
                    Assert.Equal(batch[(row * test.Outputs)..((row + 1) * test.Outputs)], alone);
                }
            }
        }
    }

    [Theory]
    [InlineData(Block8x4Int8.Name)]
    [InlineData(Block8x1Float32.Name)]
    public void The_number_of_threads_does_not_change_a_bit(string format)
    {
        var test = new KernelCase(format, 517, 516, 65, 0.3, true, SparseActivation.Relu);
        var blob = test.Pack();
        fixed (byte* start = blob)
        {
            var matrix = SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier());
            var serial = KernelOracle.Multiply(matrix, test, new SerialLoop());
            foreach (var threads in new[] { 1, 2, 3, 8 })
            {
                var counter = new int[1];
                Assert.Equal(serial, KernelOracle.Multiply(matrix, test, new ThreadsLoop(threads, counter)));
                Assert.True(counter[0] > 1, "The multiplication was not divided.");
            }
        }
    }

    [Fact]
    public void The_definition_of_int8_is_within_the_activation_rounding_of_the_real_product()
    {
        foreach (var test in KernelCase.All(Block8x4Int8.Name))
        {
            var (weights, scales, x, bias) = (test.Int8Weights(), test.Scales(), test.X(), test.Bias());
            var actual = KernelOracle.Expected(test, test.Pack());
            for (var row = 0; row < test.Rows; row++)
            {
                var source = x.AsSpan(row * test.Inputs, test.Inputs).ToArray();
                var halfStep = source.Max(Math.Abs) / 63.0 / 2;
                for (var output = 0; output < test.Outputs; output++)
                {
                    var real = source.Select(static value => (double)value).Zip(weights.Skip(output * test.Inputs), (value, weight) => value * weight * scales[output]).Sum();
                    var bound = halfStep * scales[output] * weights.Skip(output * test.Inputs).Take(test.Inputs).Sum(static weight => Math.Abs((double)weight));
                    real += test.HasBias ? bias[output] : 0;
                    real = test.Activation == SparseActivation.Relu ? Math.Max(real, 0) : real;
                    Assert.InRange(actual[row * test.Outputs + output] - real, -1.0001 * bound - 1e-6, 1.0001 * bound + 1e-6);
                }
            }
        }
    }

    [Fact]
    public void The_definition_of_float32_is_the_real_product()
    {
        foreach (var test in KernelCase.All(Block8x1Float32.Name))
        {
            var (weights, x, bias) = (test.FloatWeights(), test.X(), test.Bias());
            var actual = KernelOracle.Expected(test, test.Pack());
            for (var i = 0; i < actual.Length; i++)
            {
                int row = i / test.Outputs, output = i % test.Outputs;
                var real = Enumerable.Range(0, test.Inputs).Sum(input => (double)x[row * test.Inputs + input] * weights[output * test.Inputs + input]);
                real += test.HasBias ? bias[output] : 0;
                real = test.Activation == SparseActivation.Relu ? Math.Max(real, 0) : real;
                Assert.InRange(actual[i] - real, -1e-5, 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(Block8x4Int8.Name, float.NaN)]
    [InlineData(Block8x4Int8.Name, float.NegativeInfinity)]
    [InlineData(Block8x1Float32.Name, float.NaN)]
    [InlineData(Block8x1Float32.Name, float.PositiveInfinity)]
    public void A_row_that_is_not_finite_gives_NaN_and_leaves_other_rows_alone(string format, float value)
    {
        var test = new KernelCase(format, 19, 37, 6, 0.5, true, SparseActivation.Relu);
        var blob = test.Pack();
        var x = test.X();
        var clean = KernelOracle.Expected(test, blob);
        x[2 * test.Inputs + 36] = value;
        var y = new float[test.Rows * test.Outputs];
        fixed (byte* start = blob)
        fixed (float* source = x, bias = test.Bias(), target = y)
            SparseMatrix.Open(start, blob.Length, KernelRegistry.SelectTier()).Multiply(source, test.Rows, bias, test.Activation, target, new SerialLoop());

        Assert.All(y.Skip(2 * test.Outputs).Take(test.Outputs), result => Assert.True(float.IsNaN(result)));
        Assert.Equal(clean.AsSpan(0, 2 * test.Outputs), y.AsSpan(0, 2 * test.Outputs));
        Assert.Equal(clean.AsSpan(3 * test.Outputs), y.AsSpan(3 * test.Outputs));
    }

    private static void WrongInLastOutput(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var isInt8 = job->OutputScales != (float*)job->ZeroPointSums;
        KernelRegistry.Find(isInt8 ? Block8x4Int8.Name : Block8x1Float32.Name, KernelTier.Portable, RowBucket.One).Run(job, row, rowEnd, group, groupEnd);
        for (; row < rowEnd && group < groupEnd; row++)
            job->Y[row * job->YStride + (groupEnd - 1) * 8] += 0.125f;
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
