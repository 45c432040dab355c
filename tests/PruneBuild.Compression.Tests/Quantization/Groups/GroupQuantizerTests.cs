using CsCheck;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.Quantization.Groups;

public sealed class GroupQuantizerTests
{
    private const int Inputs = 80;
    private const int Outputs = 70;

    public static TheoryData<string> Names() => [.. GroupQuantizers.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Pruned_weights_stay_exactly_zero(string name)
    {
        foreach (var symmetric in new[] { true, false })
        {
            var weights = Weights().Select((value, index) => index % 3 == 0 ? 0 : value).ToArray();
            var near = GroupQuantizers.Get(name).Quantize(Problem(weights, new GroupFormat(4, 32, symmetric))).Dequantize();
            Assert.All(weights.Zip(near), pair => Assert.True(pair.First != 0 || pair.Second == 0));
            Assert.InRange(QuantizationNoise.SignalToNoise(weights, near)!.Value, name == "gptq" ? 5 : 15, 30);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Thread_counts_do_not_change_a_bit(string name)
    {
        var results = new[] { 1, 3 }.Select(threads =>
            GroupQuantizers.Get(name).Quantize(Problem(Weights(), new GroupFormat(4, 16, IsSymmetric: false)) with { Threads = threads })).ToList();
        Assert.Equal(results[0].Levels, results[1].Levels);
        Assert.Equal(results[0].Scales, results[1].Scales);
        Assert.Equal(results[0].ZeroPoints, results[1].ZeroPoints);
    }

    [Fact]
    public void Many_values_round_like_one()
    {
        Gen.Select(Gen.Float[-2, 2].Array[1, 70], Gen.Float[0.05f, 0.5f], Gen.Float[0, 15]).Sample((values, scale, zero) =>
        {
            var grid = new GroupGrid(scale, zero);
            var levels = new byte[values.Length];
            RoundToNearest.Round(values, grid, 15, levels);
            Assert.Equal(values.Select(value => (byte)grid.Level(value, 15)), levels);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clipping_never_costs_what_it_minimizes(bool symmetric)
    {
        var problem = Problem(Weights(), new GroupFormat(4, 32, symmetric));
        double Cost(IGroupQuantizer method) => problem.Weights.ToArray().Zip(method.Quantize(problem).Dequantize(), (value, near) => Math.Pow(Math.Abs(value - near), 2.4)).Sum();
        Assert.True(Cost(new ClipSearch()) < Cost(new RoundToNearest()));
    }

    [Theory]
    [InlineData(4, 32, true)]
    [InlineData(4, 16, false)]
    [InlineData(8, 64, true)]
    public void Compensation_lowers_the_error_of_the_outputs_on_other_data(int bits, int group, bool symmetric)
    {
        var problem = Problem(Weights(), new GroupFormat(bits, group, symmetric));
        var judge = new InputStatistics(Inputs);
        judge.Add(TestModels.Correlated(99, 600, Inputs));
        double Error(IGroupQuantizer method) => OutputError.Relative(problem.Weights, method.Quantize(problem).Dequantize(), [], judge);
        var (gptq, nearest) = (Error(new Gptq()), Error(new RoundToNearest()));
        Assert.True(gptq < 0.7 * nearest, $"{gptq} against {nearest}");
    }

    [Fact]
    public void Without_correlation_there_is_nothing_to_compensate_for()
    {
        // H = I: every column's error stays its own, so GPTQ is rounding to the nearest level.
        var statistics = new InputStatistics(Inputs);
        var identity = new float[Inputs * Inputs];
        for (var input = 0; input < Inputs; input++)
            identity[(input * Inputs) + input] = 1;
        statistics.Add(identity);
        var problem = Problem(Weights(), new GroupFormat(4, 32, IsSymmetric: true)) with { Statistics = statistics };
        Assert.Equal(new RoundToNearest().Quantize(problem).Levels, new Gptq().Quantize(problem).Levels);
    }

    [Fact]
    public void A_Hessian_that_is_no_number_falls_back_and_says_so()
    {
        var statistics = new InputStatistics(Inputs);
        statistics.Add([.. Enumerable.Repeat(float.NaN, Inputs)]);
        var matrix = new Gptq().Quantize(Problem(Weights(), new GroupFormat(4, 32, IsSymmetric: true)) with { Statistics = statistics });
        Assert.Contains("nearest", matrix.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fitted_zero_point_lowers_the_error_of_heavy_tails()
    {
        var random = new Random(3);
        var weights = Enumerable.Range(0, 64 * 64).Select(_ => (float)Math.Pow((random.NextDouble() * 2) - 1, 5)).ToArray();
        var problem = new GroupProblem(weights, 64, 64, new GroupFormat(4, 64, IsSymmetric: false));
        double Error(IGroupQuantizer method) => weights.Zip(method.Quantize(problem).Dequantize(), (value, near) => Math.Abs(value - near)).Sum();
        var fitted = new Hqq().Quantize(problem);
        Assert.Contains(fitted.ZeroPoints, zero => zero != MathF.Round(zero));
        Assert.True(Error(new Hqq()) < Error(new RoundToNearest()));
    }

    [Fact]
    public void A_real_zero_point_never_costs_more_than_a_whole_one()
    {
        var problem = Problem(Weights(), new GroupFormat(4, 32, IsSymmetric: false));
        double Error(IGroupQuantizer method) => problem.Weights.ToArray().Zip(method.Quantize(problem).Dequantize(), (value, near) => Math.Abs(value - near)).Sum();
        Assert.InRange(Error(new Hqq()), 0.8 * Error(new RoundToNearest()), Error(new RoundToNearest()));
    }

    [Theory]
    [InlineData(3, 32)]
    [InlineData(4, 24)]
    [InlineData(4, 8)]
    [InlineData(8, 512)]
    public void Formats_that_no_operator_reads(int bits, int group) => Assert.Equal("PB1012",
        Assert.Throws<PruneBuildException>(() => new RoundToNearest().Quantize(Problem(Weights(), new GroupFormat(bits, group, IsSymmetric: true)))).Code);

    private static float[] Weights() => TestModels.Random(5, Outputs * Inputs);

    private static GroupProblem Problem(float[] weights, GroupFormat format)
    {
        var statistics = new InputStatistics(Inputs);
        statistics.Add(TestModels.Correlated(7, 900, Inputs));
        return new GroupProblem(weights, Outputs, Inputs, format) { Statistics = statistics };
    }
}
