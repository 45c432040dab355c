using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Tests.Statistics;

public sealed class InputStatisticsTests
{
    private static InputStatistics Of(float[] rows, int features, int threads = 1)
    {
        var statistics = new InputStatistics(features);
        statistics.Add(rows, threads);
        return statistics;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 3)]
    [InlineData(300, 13)]
    [InlineData(257, 70)]
    public void Gram_sum_and_mean_equal_the_naive_ones(int rows, int features)
    {
        var data = TestModels.Random(rows, rows * features);
        var statistics = Of(data, features, threads: 2);
        Assert.Equal(rows, statistics.Count);
        for (var first = 0; first < features; first++)
        {
            var sum = Enumerable.Range(0, rows).Sum(row => (double)data[row * features + first]);
            Assert.Equal(sum, statistics.Sum[first], 1e-9);
            Assert.Equal(sum / rows, statistics.Mean()[first], 1e-9);
            for (var second = 0; second < features; second++)
            {
                var product = Enumerable.Range(0, rows).Sum(row => (double)data[row * features + first] * data[row * features + second]);
                Assert.Equal(product, statistics.Gram(first, second), 1e-9);
            }
        }
    }

    [Fact]
    public void Covariance_is_the_centered_second_moment()
    {
        var covariance = Of([1, 2, 3, 6, 5, 4], 2).Covariance();
        Assert.Equal([8 / 3.0, 4 / 3.0, 4 / 3.0, 8 / 3.0], covariance, (expected, actual) => Math.Abs(expected - actual) < 1e-12);
    }

    [Fact]
    public void Merging_parts_gives_the_whole()
    {
        // Integers: FP64 sums of them are exact in any order.
        var data = TestModels.Random(3, 900 * 9, 100).Select(value => MathF.Round(value)).ToArray();
        var merged = InputStatistics.Merged([Of(data[..(200 * 9)], 9), Of(data[(200 * 9)..], 9)]);
        var whole = Of(data, 9);
        Assert.Equal(whole.Count, merged.Count);
        Assert.Equal(whole.Sum.ToArray(), merged.Sum.ToArray());
        Assert.Equal(whole.UpperGram.ToArray(), merged.UpperGram.ToArray());
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        var data = TestModels.Random(4, 1000 * 100);
        Assert.Equal(Of(data, 100).UpperGram.ToArray(), Of(data, 100, threads: 4).UpperGram.ToArray());
    }

    [Fact]
    public void What_is_saved_loads_the_same()
    {
        var statistics = Of(TestModels.Random(5, 50 * 7), 7);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            statistics.Save(writer);
        stream.Position = 0;
        using var reader = new BinaryReader(stream);
        var loaded = InputStatistics.Load(reader);
        Assert.Equal(statistics.Count, loaded.Count);
        Assert.Equal(statistics.Sum.ToArray(), loaded.Sum.ToArray());
        Assert.Equal(statistics.UpperGram.ToArray(), loaded.UpperGram.ToArray());
    }

    [Fact]
    public void Every_truncation_and_a_lying_size_are_refused()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            Of(TestModels.Random(5, 6), 3).Save(writer);
        var bytes = stream.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            using var reader = new BinaryReader(new MemoryStream(bytes[..length]));
            Assert.Throws<InvalidDataException>(() => InputStatistics.Load(reader));
        }
        BitConverter.TryWriteBytes(bytes, int.MaxValue);
        using var lying = new BinaryReader(new MemoryStream(bytes));
        Assert.Throws<InvalidDataException>(() => InputStatistics.Load(lying));
    }

    [Fact]
    public void Rows_that_are_not_finite_are_noticed()
    {
        Assert.True(Of([1, 2], 2).IsFinite());
        Assert.False(Of([1, float.NaN], 2).IsFinite());
        Assert.False(Of([1, float.PositiveInfinity], 2).IsFinite());
    }
}
