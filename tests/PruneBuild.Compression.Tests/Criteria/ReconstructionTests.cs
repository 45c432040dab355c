using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Tests.Criteria;

/// <summary>The criteria that correct the remaining weights.</summary>
public sealed class ReconstructionTests
{
    private const int Inputs = 72;
    private const int Outputs = 48;
    private static readonly float[] Dense = TestModels.Random(7, Outputs * Inputs);
    private static readonly InputStatistics Statistics = Of(TestModels.Correlated(3, 600, Inputs), Inputs);

    public static TheoryData<string> Patterns => ["unstructured", "2:4", "4:16", "8x4", "8x1", "16x1", "4x1"];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var pattern in new[] { "unstructured", "2:4", "8x4", "8x1", "16x1" })
                foreach (var criterion in new[] { "sparsegpt", "obc" })
                    cases.Add(criterion, pattern);
            return cases;
        }
    }

    [Fact]
    public void The_factor_holds_the_inverse_of_every_trailing_Hessian()
    {
        var hessian = Statistics.SecondMoment();
        var factor = InverseCholesky.Factor<double>(hessian, Inputs, damping: 0)!;
        foreach (var first in new[] { 0, 1, 17, Inputs - 1 })
        {
            // OBS: U_ii² is the first diagonal element of the inverse of the trailing Hessian.
            var size = Inputs - first;
            var trailing = new double[size * size];
            for (var row = 0; row < size; row++)
                for (var column = 0; column < size; column++)
                    trailing[(row * size) + column] = hessian[((first + row) * Inputs) + first + column];
            var unit = Solve(trailing, size);
            Assert.Equal(unit[0], Math.Pow(factor[(first * Inputs) + first], 2), 1e-9 * unit[0]);
        }
    }

    [Fact]
    public void The_factor_of_a_singular_Hessian_takes_more_damping_and_of_a_zero_one_there_is_none()
    {
        var twins = Of([1, 1, 2, 2, 3, 3], 2);
        Assert.NotNull(InverseCholesky.Factor<double>(twins.SecondMoment(), 2, damping: 0.01));
        Assert.Null(InverseCholesky.Factor<double>(new double[4], 2, damping: 0.01));
        Assert.Null(InverseCholesky.Factor<double>([1, double.NaN, double.NaN, 1], 2, damping: 0.01));
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void On_correlated_inputs_the_error_of_obc_is_below_sparsegpt_below_what_does_not_correct(string pattern)
    {
        double Error(IPruningCriterion criterion) =>
            OutputError.Relative(Dense, criterion.Prune(Problem(pattern)).Weights, [], Statistics);
        var (magnitude, wanda) = (Error(new Magnitude()), Error(new Wanda()));
        var (sparseGpt, obc) = (Error(new SparseGpt()), Error(new OptimalBrainCompression()));
        Assert.True(obc < sparseGpt && sparseGpt < wanda && sparseGpt < magnitude, $"{obc} {sparseGpt} {wanda} {magnitude}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_mask_has_the_pattern_and_its_exact_count_and_pruned_weights_are_zero(string criterion, string pattern)
    {
        var problem = Problem(pattern);
        var pruned = PruningCriteria.Get(criterion).Prune(problem);
        Assert.Null(pruned.Reason);
        var expected = problem.Pattern.Select([.. Dense.Select(Math.Abs)], Outputs, Inputs, problem.Sparsity).Count(kept => kept);
        Assert.Equal(expected, pruned.Keep.Count(kept => kept));
        // Of scores that are the mask itself, a mask with the pattern is what the pattern picks.
        var again = problem.Pattern.Select([.. pruned.Keep.Select(kept => kept ? 1f : 0f)], Outputs, Inputs, problem.Sparsity);
        Assert.Equal(again, pruned.Keep);
        Assert.All(pruned.Weights.Zip(pruned.Keep), pair => Assert.True(pair.Second || pair.First == 0));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_bits_are_the_same_for_any_number_of_threads(string criterion, string pattern)
    {
        var one = PruningCriteria.Get(criterion).Prune(Problem(pattern));
        var three = PruningCriteria.Get(criterion).Prune(Problem(pattern) with { Threads = 3 });
        Assert.Equal(one.Weights, three.Weights);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void With_uncorrelated_inputs_the_mask_is_that_of_Wanda_and_no_weight_changes(string criterion, string pattern)
    {
        // Every input alone in its row: the Hessian is diagonal.
        var rows = new float[Inputs * Inputs];
        for (var input = 0; input < Inputs; input++)
            rows[(input * Inputs) + input] = 1 + (input % 7);
        // One column batch, and no fixed count for an output: then all three compare the same scores.
        var problem = Problem(pattern) with { Statistics = Of(rows, Inputs) };
        var wanda = new Wanda().Prune(problem);
        var pruned = PruningCriteria.Get(criterion).Prune(problem);
        // Damping adds a hundredth of the mean energy to every input, so near ties may fall either way.
        Assert.True(pruned.Keep.Zip(wanda.Keep).Count(pair => pair.First != pair.Second) <= pruned.Keep.Length / 50);
        for (var index = 0; index < Dense.Length; index++)
            if (pruned.Keep[index])
                Assert.Equal(Dense[index], pruned.Weights[index], 1e-5);
    }

    [Fact]
    public void A_duplicate_input_is_dropped_without_a_loss()
    {
        var rows = TestModels.Random(5, 500 * 8);
        for (var row = 0; row < 500; row++)
            rows[(row * 8) + 7] = rows[row * 8];
        var weights = TestModels.Random(6, 4 * 8).Select(weight => weight + (weight < 0 ? -0.5f : 0.5f)).ToArray();
        var statistics = Of(rows, 8);
        var pruned = new OptimalBrainCompression().Prune(
            new LayerProblem(weights, 4, 8, SparsityPattern.Parse("4x1"), 1.0 / 8) { Statistics = statistics });
        Assert.Equal(1, Enumerable.Range(0, 8).Count(input => !pruned.Keep[input]));
        Assert.True(!pruned.Keep[0] || !pruned.Keep[7]);
        Assert.True(OutputError.Relative(weights, pruned.Weights, [], statistics) < 0.02);
    }

    [Fact]
    public void Inputs_that_never_fired_are_not_wiped_out()
    {
        var rows = TestModels.Correlated(3, 300, 16);
        for (var row = 0; row < 300; row++)
            rows[(row * 16) + 3] = 0;
        var weights = TestModels.Random(8, 8 * 16);
        foreach (var criterion in new IPruningCriterion[] { new SparseGpt(), new OptimalBrainCompression() })
        {
            var pruned = criterion.Prune(new LayerProblem(weights, 8, 16, new UnstructuredPattern(), 0.5) { Statistics = Of(rows, 16) });
            var kept = Enumerable.Range(0, 8).Where(row => pruned.Keep[(row * 16) + 3]).ToList();
            Assert.NotEmpty(kept);
            Assert.All(kept, row => Assert.Equal(weights[(row * 16) + 3], pruned.Weights[(row * 16) + 3]));
        }
    }

    [Fact]
    public void Silent_inputs_leave_the_choice_to_magnitudes_and_missing_statistics_are_an_error()
    {
        foreach (var criterion in new IPruningCriterion[] { new SparseGpt(), new OptimalBrainCompression() })
        {
            var silent = criterion.Prune(Problem("8x4") with { Statistics = Of(new float[Inputs], Inputs), BiasFollows = true });
            // All inputs silent: every one counts as average, and magnitudes decide.
            Assert.Equal(new Magnitude().Prune(Problem("8x4")).Keep, silent.Keep);
            Assert.Throws<ArgumentException>(() => criterion.Prune(Problem("8x4") with { Statistics = null }));
            Assert.Throws<ArgumentException>(() => criterion.Prune(Problem("8x4") with { Statistics = new InputStatistics(5) }));
        }
    }

    private static LayerProblem Problem(string pattern) =>
        new(Dense, Outputs, Inputs, SparsityPattern.Parse(pattern), 0.5) { Statistics = Statistics };

    private static InputStatistics Of(float[] rows, int inputs)
    {
        var statistics = new InputStatistics(inputs);
        statistics.Add(rows);
        return statistics;
    }

    /// <summary>First column of the inverse by Gaussian elimination with pivots.</summary>
    private static double[] Solve(double[] matrix, int size)
    {
        var right = new double[size];
        right[0] = 1;
        for (var step = 0; step < size; step++)
        {
            var pivot = Enumerable.Range(step, size - step).MaxBy(row => Math.Abs(matrix[(row * size) + step]));
            for (var column = 0; column < size; column++)
                (matrix[(step * size) + column], matrix[(pivot * size) + column]) = (matrix[(pivot * size) + column], matrix[(step * size) + column]);
            (right[step], right[pivot]) = (right[pivot], right[step]);
            for (var row = 0; row < size; row++)
            {
                if (row == step)
                    continue;
                var factor = matrix[(row * size) + step] / matrix[(step * size) + step];
                for (var column = step; column < size; column++)
                    matrix[(row * size) + column] -= factor * matrix[(step * size) + column];
                right[row] -= factor * right[step];
            }
        }
        return [.. right.Select((value, row) => value / matrix[(row * size) + row])];
    }
}
