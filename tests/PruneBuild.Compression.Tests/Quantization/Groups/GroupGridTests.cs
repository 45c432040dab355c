using CsCheck;
using PruneBuild.Compression.Quantization;

namespace PruneBuild.Compression.Tests.Quantization.Groups;

public sealed class GroupGridTests
{
    private static readonly Gen<float[]> Groups = Gen.Float[-3, 3].Array[1, 32];

    [Theory]
    [InlineData(4, true)]
    [InlineData(4, false)]
    [InlineData(8, true)]
    [InlineData(8, false)]
    public void Zero_is_exact_and_no_value_is_further_than_a_step_from_its_level(int bits, bool symmetric)
    {
        var format = new GroupFormat(bits, 32, symmetric);
        Groups.Sample(values =>
        {
            var grid = GroupGrid.Cover(values, format);
            Assert.Equal(0, grid.Value(grid.Level(0, format.HighestLevel)));
            var step = Math.Abs(grid.Scale);
            // The symmetric grid has one level less on the side away from the largest magnitude; the zero point of the other is rounded.
            foreach (var value in values)
                Assert.InRange(Math.Abs(value - grid.Value(grid.Level(value, format.HighestLevel))), 0, step + 1e-6);
        });
    }

    [Theory]
    [InlineData(new[] { 1f, -2f, 0.5f }, 0.25f)]
    [InlineData(new[] { -1f, 2f, 0.5f }, -0.25f)]
    public void The_largest_magnitude_is_the_level_that_has_no_opposite(float[] values, float scale)
    {
        var format = new GroupFormat(4, 16, IsSymmetric: true);
        var grid = GroupGrid.Cover(values, format);
        Assert.Equal((scale, 8f), (grid.Scale, grid.ZeroPoint));
        var largest = values.MaxBy(Math.Abs);
        Assert.Equal(0, grid.Level(largest, format.HighestLevel));
        Assert.Equal(largest, grid.Value(0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_group_of_zeros_or_of_next_to_nothing_is_all_zeros(bool symmetric)
    {
        var format = new GroupFormat(4, 16, symmetric);
        foreach (var values in new[] { new float[16], [float.Epsilon, -float.Epsilon], [] })
        {
            var grid = GroupGrid.Cover(values, format);
            Assert.True(float.IsNormal(grid.Scale));
            Assert.All(values, value => Assert.Equal(0, grid.Value(grid.Level(value, format.HighestLevel))));
        }
    }

    [Theory]
    [InlineData(8, 44.6)]
    [InlineData(4, 20.0)]
    public void Normal_weights_lose_what_uniform_quantization_loses(int bits, double decibels)
    {
        // Groups of 128 of N(0, 1): the range is about 2.7 sigma, the error that of a uniform quantizer, step² / 12.
        var random = new Random(1);
        var weights = Enumerable.Range(0, 128 * 400)
            .Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))).ToArray();
        var matrix = new RoundToNearest().Quantize(new GroupProblem(weights, 400, 128, new GroupFormat(bits, 128, IsSymmetric: false)));
        Assert.InRange(QuantizationNoise.SignalToNoise(weights, matrix.Dequantize())!.Value, decibels - 0.6, decibels + 0.6);
    }
}
