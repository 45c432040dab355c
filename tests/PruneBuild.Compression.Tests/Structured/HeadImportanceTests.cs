using PruneBuild.Compression.Statistics;
using PruneBuild.Compression.Structured;

namespace PruneBuild.Compression.Tests.Structured;

public sealed class HeadImportanceTests
{
    private const int Heads = 5;
    private const int Width = 3;
    private const int Features = Heads * Width;
    private const int Outputs = 7;

    private static readonly IReadOnlyList<IReadOnlyList<int>> Columns =
        [.. Enumerable.Range(0, Heads).Select(head => (IReadOnlyList<int>)[.. Enumerable.Range(head * Width, Width)])];

    [Fact]
    public void Correlation_from_statistics_equals_that_of_the_outputs()
    {
        var (weights, rows, importance) = Case(1);
        int[][] sets = [[0], [1, 3], [0, 2, 4], [0, 1, 2, 3, 4]];
        foreach (var kept in sets)
            Assert.Equal(Naive(weights, rows, kept), importance.Correlation(kept), 1e-10);
        Assert.Equal(Outputs, importance.Correlation([0, 1, 2, 3, 4]), 1e-10);
    }

    [Fact]
    public void A_head_that_contributes_nothing_goes_first()
    {
        var (weights, _, _) = Case(2);
        for (var output = 0; output < Outputs; output++)
            weights.AsSpan((output * Features) + (3 * Width), Width).Clear();
        Assert.Equal([0, 1, 2, 4], Importance(weights, TestModels.Correlated(2, 200, Features)).Keep(4));
    }

    [Fact]
    public void Swaps_never_lower_the_correlation_and_end_where_no_single_swap_helps()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var (_, _, importance) = Case(seed);
            var all = Enumerable.Range(0, Heads).ToList();
            var greedy = all.OrderByDescending(head => importance.Correlation([.. all.Where(other => other != head)])).Take(3).ToHashSet();
            var kept = importance.Keep(2);
            Assert.Equal(2, kept.Count);
            Assert.True(importance.Correlation([.. kept]) >= importance.Correlation([.. all.Where(head => !greedy.Contains(head))]));
        }
    }

    private static (float[] Weights, float[] Rows, HeadImportance Importance) Case(int seed)
    {
        var weights = TestModels.Random(seed + 50, Outputs * Features);
        var rows = TestModels.Correlated(seed, 200, Features);
        return (weights, rows, Importance(weights, rows));
    }

    private static HeadImportance Importance(float[] weights, float[] rows)
    {
        var statistics = new InputStatistics(Features);
        statistics.Add(rows);
        return HeadImportance.Of(weights, statistics.Covariance(), Columns);
    }

    /// <summary>Pearson correlation of the outputs of the kept heads with those of all, summed.</summary>
    private static double Naive(float[] weights, float[] rows, int[] kept)
    {
        var masked = weights.ToArray();
        for (var index = 0; index < masked.Length; index++)
            masked[index] = kept.Contains(index % Features / Width) ? masked[index] : 0;
        var (whole, part) = (TestModels.Product(rows, weights, Features), TestModels.Product(rows, masked, Features));
        double total = 0;
        for (var output = 0; output < Outputs; output++)
        {
            var y = whole.Where((_, index) => index % Outputs == output).ToArray();
            var z = part.Where((_, index) => index % Outputs == output).ToArray();
            var (meanY, meanZ) = (y.Average(), z.Average());
            var joint = y.Zip(z, (a, b) => (a - meanY) * (b - meanZ)).Sum();
            total += Math.Abs(joint) / Math.Sqrt(y.Sum(a => (a - meanY) * (a - meanY)) * z.Sum(b => (b - meanZ) * (b - meanZ)));
        }
        return total;
    }
}
