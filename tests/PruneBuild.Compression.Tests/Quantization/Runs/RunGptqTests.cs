using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Tests.Quantization.Runs;

/// <summary>GPTQ for what packed sparse formats store.</summary>
public sealed class RunGptqTests
{
    private const int Inputs = 160;
    private const int Outputs = 43;

    private static readonly InputStatistics Fit = Of(TestModels.Correlated(7, 900, Inputs));
    private static readonly InputStatistics Judge = Of(TestModels.Correlated(99, 600, Inputs));

    public static TheoryData<string> Formats =>
        [.. PackedFormats.All.Where(format => format.Precision != WeightPrecision.FullPrecision && format.IsExecutable).Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Compensation_lowers_the_error_of_the_outputs_on_other_data_and_packing_adds_none(string name)
    {
        var (format, weights, runs) = Case(name);
        var nearest = format.Unpack(format.Pack(WeightLevels.Nearest(weights, runs))).ToSingles();
        var quantized = RunGptq.Quantize(weights, runs, Fit);
        Assert.Null(quantized.Reason);
        var packed = format.Unpack(format.Pack(quantized.Levels)).ToSingles();
        Assert.Equal(quantized.Levels.ToSingles(), packed);
        var (gptq, rtn) = (OutputError.Relative(weights, packed, [], Judge), OutputError.Relative(weights, nearest, [], Judge));
        Assert.True(gptq < 0.7 * rtn, $"{gptq} against {rtn}");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Zeros_stay_exactly_zero(string name)
    {
        var (_, weights, runs) = Case(name);
        var near = RunGptq.Quantize(weights, runs, Fit).Levels.ToSingles();
        Assert.All(weights.Zip(near), pair => Assert.True(pair.First != 0 || pair.Second == 0));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Without_correlation_the_levels_are_the_nearest_ones(string name)
    {
        var (_, weights, runs) = Case(name);
        var identity = new float[Inputs * Inputs];
        for (var input = 0; input < Inputs; input++)
            identity[(input * Inputs) + input] = 1;
        Assert.Equal(WeightLevels.Nearest(weights, runs).Levels, RunGptq.Quantize(weights, runs, Of(identity)).Levels.Levels);
    }

    [Theory]
    [InlineData(Block8x4Int4.FormatName)]
    [InlineData("2:4.int4")]
    [InlineData("8:16+overflow.int8")]
    public void Thread_counts_do_not_change_a_bit(string name)
    {
        var (format, weights, runs) = Case(name);
        Assert.Equal(format.Pack(RunGptq.Quantize(weights, runs, Fit, threads: 1).Levels), format.Pack(RunGptq.Quantize(weights, runs, Fit, threads: 3).Levels));
    }

    [Theory]
    [InlineData(Block8x4Int4.FormatName)]
    [InlineData("2:4.int4")]
    public void Errors_that_go_only_to_kept_weights_cost_less_than_errors_handed_on_by_zeros(string name)
    {
        var (_, weights, runs) = Case(name);
        var levels = new RunLevels(runs, runs.Cover(weights));
        var hessian = LayerHessian.Of(Fit, Inputs, biasFollows: false);
        var order = Enumerable.Range(0, Inputs).OrderByDescending(input => hessian[(input * Inputs) + input]).ToArray();
        Assert.True(LevelElimination.Settle(weights, Outputs, Inputs, hessian, order, levels, new ParallelOptions()));
        double Error(WeightLevels chosen) => OutputError.Relative(weights, chosen.ToSingles(), [], Fit);
        var (kept, handedOn) = (Error(RunGptq.Quantize(weights, runs, Fit).Levels), Error(levels.Levels));
        Assert.True(kept < 0.9 * handedOn, $"{kept} against {handedOn}");
    }

    [Fact]
    public void A_Hessian_that_is_no_number_falls_back_and_says_so()
    {
        var (_, weights, runs) = Case(Block8x4Int4.FormatName);
        var quantized = RunGptq.Quantize(weights, runs, Of([.. Enumerable.Repeat(float.NaN, Inputs)]));
        Assert.Contains("nearest", quantized.Reason, StringComparison.Ordinal);
        Assert.Equal(WeightLevels.Nearest(weights, runs).Levels, quantized.Levels.Levels);
    }

    [Fact]
    public void Runs_of_other_weights_are_refused() => Assert.Throws<ArgumentException>(() =>
        RunGptq.Quantize(new float[32], Case(Block8x4Int4.FormatName).Runs, Fit));

    /// <summary>Half of the pattern's units are zero, or as many as it fixes.</summary>
    private static (PackedFormat Format, float[] Weights, ScaleRuns Runs) Case(string name)
    {
        var format = PackedFormats.Find(name)!;
        var dense = TestModels.Random(5, Outputs * Inputs);
        var keep = SparsityPattern.Parse(format.Pattern).Select([.. dense.Select(Math.Abs)], Outputs, Inputs, 0.5);
        var weights = PrunedLayer.Masked(dense, keep).Weights;
        return (format, weights, format.Runs(WeightMatrix.FromSingles(weights, Outputs, Inputs)));
    }

    private static InputStatistics Of(float[] rows)
    {
        var statistics = new InputStatistics(Inputs);
        statistics.Add(rows);
        return statistics;
    }
}
