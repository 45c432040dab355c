using CsCheck;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.Quantization;

public sealed class RangeMethodTests
{
    private const int Many = 200_000;

    public static TheoryData<string> Names => [.. RangeMethods.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_range_holds_zero_and_is_no_wider_than_the_values(string name) =>
        Gen.Select(Gen.OneOf(Gen.Float[-5, 9], Gen.Float[0, 1], Gen.Const(0f), Gen.Float[-3, -2]).Array[1, 60], Gen.Bool).Sample((values, isSymmetric) =>
        {
            var histogram = Of(values);
            var (low, high) = RangeMethods.Get(name).Choose(histogram, new RangeOptions(isSymmetric));
            return low <= 0 && high >= 0 && low >= histogram.Low && high <= histogram.High && (low < high || (histogram.Low == 0 && histogram.High == 0));
        });

    [Theory]
    [InlineData("min-max")]
    [InlineData("entropy")]
    [InlineData("mse")]
    public void Uniform_values_keep_their_whole_range(string name)
    {
        var (low, high) = RangeMethods.Get(name).Choose(Of(TestModels.Random(1, Many)), new RangeOptions());
        Assert.Equal(-1, low, 0.02);
        Assert.Equal(1, high, 0.02);
    }

    [Theory]
    [InlineData(99, 0.99)]
    [InlineData(95, 0.95)]
    [InlineData(100, 1)]
    public void A_percentile_of_uniform_values_is_its_share_of_the_range(double percentile, double reach)
    {
        var method = RangeMethods.Get("percentile");
        var (low, high) = method.Choose(Of(TestModels.Random(1, Many)), new RangeOptions(Percentile: percentile));
        Assert.Equal(reach, high, 0.005);
        Assert.Equal(-reach, low, 0.005);
        (low, high) = method.Choose(Of(Array.ConvertAll(TestModels.Random(1, Many), Math.Abs)), new RangeOptions(Percentile: percentile));
        Assert.Equal(0, low);
        Assert.Equal(reach, high, 0.005);
    }

    [Fact]
    public void The_least_squared_error_of_normal_values_is_where_it_is_known_to_be()
    {
        // Banner et al. 2019: 3.92 standard deviations for 8 bits.
        var (low, high) = RangeMethods.Get("mse").Choose(Of(Normal(2_000_000)), new RangeOptions());
        Assert.Equal(3.92, high, 0.15);
        Assert.Equal(-3.92, low, 0.15);
    }

    [Fact]
    public void Entropy_leaves_an_outlier_out_that_the_least_and_largest_value_keep()
    {
        float[] values = [.. Normal(Many), 60];
        Assert.InRange(RangeMethods.Get("entropy").Choose(Of(values), new RangeOptions()).High, 2, 15);
        Assert.Equal(60, RangeMethods.Get("min-max").Choose(Of(values), new RangeOptions()).High);
    }

    [Fact]
    public void An_unknown_method_is_a_coded_error() => Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => RangeMethods.Get("median")).Code);

    [Fact]
    public void Zero_is_a_level_of_every_range() => Gen.Select(Gen.Float[-1e9f, 1e9f], Gen.Float[-1e9f, 1e9f], Gen.Bool).Sample((one, other, isSymmetric) =>
    {
        var parameters = ActivationParameters.Of(Math.Min(one, other), Math.Max(one, other), isSymmetric);
        var ends = (Low: parameters.Scale * -parameters.ZeroPoint, High: parameters.Scale * (255f - parameters.ZeroPoint));
        return parameters.Scale > 0 && float.IsFinite(1 / parameters.Scale) && ends.Low <= 0 && ends.High >= 0
            && ends.Low <= Math.Min(0, Math.Min(one, other)) + parameters.Scale && ends.High >= Math.Max(0, Math.Max(one, other)) - parameters.Scale
            && (!isSymmetric || parameters.ZeroPoint is 0 or ActivationParameters.Middle);
    });

    private static float[] Normal(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    private static ActivationHistogram Of(float[] values)
    {
        var histogram = new ActivationHistogram();
        histogram.Add(values);
        return histogram;
    }
}
