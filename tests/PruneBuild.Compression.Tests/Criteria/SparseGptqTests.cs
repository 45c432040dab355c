using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Tests.Criteria;

/// <summary>Masks and levels in one loop.</summary>
public sealed class SparseGptqTests
{
    private const int Inputs = 144;
    private const int Outputs = 48;
    private static readonly float[] Dense = TestModels.Random(7, Outputs * Inputs);
    private static readonly InputStatistics Statistics = Of(TestModels.Correlated(3, 900, Inputs));
    private static readonly InputStatistics Judge = Of(TestModels.Correlated(4, 600, Inputs));

    public static TheoryData<string> Formats => [Block8x4Int4.FormatName, "2:4.int4", "4:16.int4", "8:16.int4", Block8x4Int8.FormatName, "8:16+overflow.int8"];

    [Theory]
    [InlineData("unstructured")]
    [InlineData("2:4")]
    [InlineData("8x4")]
    public void With_levels_so_fine_that_nothing_is_lost_it_is_SparseGPT(string pattern)
    {
        var problem = Problem(pattern, 0.5);
        var expected = new SparseGpt().Prune(problem);
        var choice = new MaskChoice(problem, InverseCholesky.Factor<float>(LayerHessian.Of(problem), Inputs, SparseGpt.Damping)!, new FineLevels());
        choice.Run();
        var actual = choice.Pruned();
        Assert.Equal(expected.Keep, actual.Keep);
        Assert.All(expected.Weights.Zip(actual.Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Theory]
    [InlineData(Block8x4Int4.FormatName)]
    [InlineData(Block8x4Int8.FormatName)]
    [InlineData("8:16+overflow.int8")]
    public void With_nothing_to_prune_it_is_GPTQ_from_left_to_right(string name)
    {
        var format = PackedFormats.Find(name)!;
        var runs = format.Runs(WeightMatrix.FromSingles(Dense, Outputs, Inputs));
        var levels = new RunLevels(runs, runs.Cover(Dense));
        Assert.True(LevelElimination.Settle(
            Dense, Outputs, Inputs, LayerHessian.Of(Statistics, Inputs, biasFollows: false), [.. Enumerable.Range(0, Inputs)], levels, new ParallelOptions()));
        Assert.Equal(format.Pack(levels.Levels), new SparseGptq(format).Prune(Problem(format.Pattern, 0)).Packed);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_mask_has_the_pattern_and_its_count_and_the_packed_weights_are_the_weights(string name)
    {
        var format = PackedFormats.Find(name)!;
        var problem = Problem(format.Pattern, 0.5);
        var pruned = new SparseGptq(format).Prune(problem);
        Assert.Null(pruned.Reason);
        Assert.Equal(new SparseGpt().Prune(problem).Keep.Count(kept => kept), pruned.Keep.Count(kept => kept));
        Assert.All(pruned.Weights.Zip(pruned.Keep), pair => Assert.True(pair.Second || pair.First == 0));
        Assert.Equal(pruned.Weights, format.Unpack(pruned.Packed!).ToSingles());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void One_loop_costs_less_than_SparseGPT_rounded_to_the_nearest_level(string name)
    {
        var format = PackedFormats.Find(name)!;
        var problem = Problem(format.Pattern, 0.5);
        double Error(float[] weights) => OutputError.Relative(Dense, weights, [], Judge);
        var matrix = WeightMatrix.FromSingles(new SparseGpt().Prune(problem).Weights, Outputs, Inputs);
        var (joint, rounded) = (Error(new SparseGptq(format).Prune(problem).Weights), Error(format.Unpack(format.Pack(matrix)).ToSingles()));
        // Eight bits lose next to nothing either way.
        Assert.True(joint < (format.Precision == WeightPrecision.FourBit ? 1 : 1.02) * rounded, $"{joint} against {rounded}");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Thread_counts_do_not_change_a_bit(string name)
    {
        var format = PackedFormats.Find(name)!;
        Assert.Equal(
            new SparseGptq(format).Prune(Problem(format.Pattern, 0.5)).Packed,
            new SparseGptq(format).Prune(Problem(format.Pattern, 0.5) with { Threads = 3 }).Packed);
    }

    [Fact]
    public void A_Hessian_that_is_no_number_falls_back_and_says_so()
    {
        var pruned = new SparseGptq(Block8x4Int4.Format).Prune(Problem("8x4", 0.5) with { Statistics = Of([.. Enumerable.Repeat(float.NaN, Inputs)]) });
        Assert.Contains("magnitude was used, with the nearest levels", pruned.Reason, StringComparison.Ordinal);
        Assert.Equal(pruned.Weights, Block8x4Int4.Format.Unpack(pruned.Packed!).ToSingles());
    }

    private static LayerProblem Problem(string pattern, double sparsity) =>
        new(Dense, Outputs, Inputs, SparsityPattern.Parse(pattern), sparsity) { Statistics = Statistics };

    private static InputStatistics Of(float[] rows)
    {
        var statistics = new InputStatistics(Inputs);
        statistics.Add(rows);
        return statistics;
    }

    /// <summary>Levels a millionth apart.</summary>
    private sealed class FineLevels : ILevelGrid
    {
        public int Lowest => -(1 << 23);

        public int Highest => 1 << 23;

        public void Load(int input, int row, Span<float> scales, Span<float> zeros, Span<int> pruned)
        {
            scales.Fill(1f / (1 << 20));
            zeros.Clear();
        }

        public void Store(int input, int row, ReadOnlySpan<int> levels)
        {
        }
    }
}
