using CsCheck;
using PruneBuild.Compression.Quantization;

namespace PruneBuild.Compression.Tests.Quantization;

public sealed class ActivationHistogramTests
{
    private static readonly Gen<float> Values = Gen.OneOf(
        Gen.Float[-1, 1], Gen.Float[-1e6f, 1e6f], Gen.Const(0f), Gen.Float[-1e-30f, 1e-30f], Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.MaxValue), Gen.Const(float.Epsilon));

    [Fact]
    public void Merged_histograms_are_the_histogram_of_everything_in_any_order() =>
        Gen.Select(Values.Array[0, 40], Values.Array[0, 40], Values.Array[0, 40]).Sample((first, second, third) =>
        {
            var whole = Of(first, second, third);
            var merged = Of(third);
            var rest = Of(second);
            rest.Merge(Of(first));
            merged.Merge(rest);
            return whole.Bins.SequenceEqual(merged.Bins) && whole.BinWidth == merged.BinWidth
                && (whole.Low, whole.High, whole.Count, whole.Zeros, whole.NonFinite) == (merged.Low, merged.High, merged.Count, merged.Zeros, merged.NonFinite);
        });

    [Fact]
    public void Every_finite_value_that_is_not_zero_lies_in_its_bin() => Values.Array[1, 30].Sample(values =>
    {
        var histogram = Of(values);
        var expected = values.Where(value => float.IsFinite(value) && value != 0)
            .CountBy(value => (int)Math.Floor(value / histogram.BinWidth) + ActivationHistogram.Side).ToDictionary();
        return Enumerable.Range(0, histogram.Bins.Length).All(bin => histogram.Bins[bin] == expected.GetValueOrDefault(bin));
    });

    [Fact]
    public void The_largest_magnitude_uses_at_least_half_of_the_bins() => Gen.Float[1e-20f, 1e20f].Sample(value =>
        value / Of([value, -value / 3]).BinWidth is >= ActivationHistogram.Side / 2 and < ActivationHistogram.Side);

    private static ActivationHistogram Of(params float[][] batches)
    {
        var histogram = new ActivationHistogram();
        foreach (var batch in batches)
            histogram.Add(batch);
        return histogram;
    }
}
