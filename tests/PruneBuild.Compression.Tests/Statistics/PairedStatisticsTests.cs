using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Tests.Statistics;

public sealed class PairedStatisticsTests
{
    private static PairedStatistics Of(float[] edited, float[] dense, int features, int threads = 1)
    {
        var statistics = new PairedStatistics(features);
        statistics.Add(edited, dense, threads);
        return statistics;
    }

    private static PairedStatistics Example(int rows, int features, int threads = 1) =>
        Of(TestModels.Random(rows, rows * features), TestModels.Random(rows + 1, rows * features), features, threads);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 5)]
    [InlineData(129, 67)]
    [InlineData(300, 8)]
    public void Cross_moments_equal_the_naive_ones(int rows, int features)
    {
        var (edited, dense) = (TestModels.Random(rows, rows * features), TestModels.Random(rows + 1, rows * features));
        var statistics = Of(edited, dense, features, threads: 2);
        var covariance = statistics.CrossCovariance();
        Assert.Equal((rows, rows), (statistics.Count, statistics.Dense.Count));
        for (var left = 0; left < features; left++)
        {
            for (var right = 0; right < features; right++)
            {
                var product = Enumerable.Range(0, rows).Sum(row => (double)edited[(row * features) + left] * dense[(row * features) + right]);
                var means = Enumerable.Range(0, rows).Average(row => (double)edited[(row * features) + left])
                    * Enumerable.Range(0, rows).Average(row => (double)dense[(row * features) + right]);
                Assert.Equal(product, statistics.Cross[(left * features) + right], 1e-9);
                Assert.Equal((product / rows) - means, covariance[(left * features) + right], 1e-9);
            }
        }
    }

    [Fact]
    public void The_error_of_an_edited_layer_follows_from_them()
    {
        const int rows = 40, features = 6;
        var (edited, dense) = (TestModels.Random(1, rows * features), TestModels.Random(2, rows * features));
        var (w, v) = (TestModels.Random(3, features), TestModels.Random(4, features));
        var statistics = Of(edited, dense, features);
        var (wanted, got) = (TestModels.Product(dense, w, features), TestModels.Product(edited, v, features));
        var direct = wanted.Zip(got).Sum(pair => (pair.First - pair.Second) * (pair.First - pair.Second));
        var closed = 0.0;
        for (var left = 0; left < features; left++)
        {
            for (var right = 0; right < features; right++)
            {
                closed += (w[left] * statistics.Dense.Gram(left, right) * w[right])
                    - (2 * v[left] * statistics.Cross[(left * features) + right] * w[right])
                    + (v[left] * statistics.Edited.Gram(left, right) * v[right]);
            }
        }
        Assert.Equal(direct, closed, 1e-9);
    }

    [Fact]
    public void Merging_parts_gives_the_whole()
    {
        // Integers: FP64 sums of them are exact in any order.
        static float[] Whole(int seed) => [.. TestModels.Random(seed, 900 * 9, 100).Select(value => MathF.Round(value))];
        var (edited, dense) = (Whole(1), Whole(2));
        var merged = PairedStatistics.Merged([Of(edited[..1800], dense[..1800], 9), Of(edited[1800..], dense[1800..], 9)]);
        var whole = Of(edited, dense, 9);
        Assert.Equal(whole.Count, merged.Count);
        Assert.Equal(whole.Cross.ToArray(), merged.Cross.ToArray());
        Assert.Equal(whole.Dense.Sum.ToArray(), merged.Dense.Sum.ToArray());
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit() =>
        Assert.Equal(Example(500, 100).Cross.ToArray(), Example(500, 100, threads: 4).Cross.ToArray());

    [Fact]
    public void What_is_saved_loads_the_same_and_every_truncation_is_refused()
    {
        var statistics = Example(20, 3);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            statistics.Save(writer);
        var bytes = stream.ToArray();
        using var whole = new BinaryReader(new MemoryStream(bytes));
        var loaded = PairedStatistics.Load(whole);
        Assert.Equal(statistics.Cross.ToArray(), loaded.Cross.ToArray());
        Assert.Equal(statistics.Dense.UpperGram.ToArray(), loaded.Dense.UpperGram.ToArray());
        for (var length = 0; length < bytes.Length; length++)
        {
            using var reader = new BinaryReader(new MemoryStream(bytes[..length]));
            Assert.Throws<InvalidDataException>(() => PairedStatistics.Load(reader));
        }
    }

    [Fact]
    public void Rows_that_do_not_pair_are_refused_and_those_that_are_not_finite_noticed()
    {
        Assert.Throws<ArgumentException>(() => Of([1, 2], [1], 1));
        Assert.True(Of([1, 2], [3, 4], 2).IsFinite());
        Assert.False(Of([1, 2], [3, float.NaN], 2).IsFinite());
    }
}
