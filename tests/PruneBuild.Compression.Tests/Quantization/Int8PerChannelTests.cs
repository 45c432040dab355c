using CsCheck;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Tests.Quantization;

public sealed class Int8PerChannelTests
{
    [Theory]
    [InlineData(8, 127)]
    [InlineData(7, 63)]
    public void The_largest_weight_of_an_output_takes_the_limit(int bits, int limit)
    {
        var quantized = Int8PerChannel.Quantize([0.5f, -2, 1, 4, 0, 1], 2, bits);
        Assert.Equal(-limit, quantized.Values[1]);
        Assert.Equal(limit, quantized.Values[3]);
        Assert.Equal(2f / limit, quantized.Scales[0]);
    }

    [Fact]
    public void Halves_round_to_even() =>
        Assert.Equal([127, 0, 2, 2, -2], Int8PerChannel.Quantize([127, 0.5f, 1.5f, 2.5f, -1.5f], 1).Values);

    [Fact]
    public void An_output_of_zeros_has_scale_one()
    {
        var quantized = Int8PerChannel.Quantize(new float[4], 1);
        Assert.Equal([1f], quantized.Scales);
        Assert.Equal(new sbyte[4], quantized.Values);
        Assert.Null(quantized.SignalToNoise);
    }

    [Fact]
    public void Transposed_weights_quantize_to_the_transposed_values()
    {
        var weights = TestModels.Random(1, 6 * 5);
        var plain = Int8PerChannel.Quantize(weights, 6);
        var transposed = Int8PerChannel.Quantize([.. Enumerable.Range(0, 30).Select(index => weights[(index % 6 * 5) + (index / 6)])], 6, transposed: true);
        Assert.Equal(plain.Scales, transposed.Scales);
        Assert.Equal(plain.Values, Enumerable.Range(0, 30).Select(index => transposed.Values[(index % 5 * 6) + (index / 5)]));
    }

    [Fact]
    public void Errors_are_within_half_a_step_and_zeros_stay_zero() =>
        Gen.Float[-100, 100].Select(value => MathF.Abs(value) < 20 ? 0 : value).Array[24].Sample(weights =>
        {
            var quantized = Int8PerChannel.Quantize(weights, 3);
            return Enumerable.Range(0, 24).All(index =>
                Math.Abs(weights[index] - (quantized.Values[index] * quantized.Scales[index / 8])) <= quantized.Scales[index / 8] * 0.5001f
                && (weights[index] != 0 || quantized.Values[index] == 0));
        });

    [Fact]
    public void Denormal_and_huge_weights_stay_in_range()
    {
        var quantized = Int8PerChannel.Quantize([float.Epsilon, -float.Epsilon, float.MaxValue, -float.MaxValue], 2);
        Assert.All(quantized.Scales, scale => Assert.True(scale > 0 && float.IsFinite(scale)));
        Assert.Equal([127, -127], quantized.Values[2..]);
    }

    [Fact]
    public void Signal_to_noise_of_uniform_weights_is_that_of_the_error_law()
    {
        // w uniform on ±1: Σw² / n = 1/3, error uniform in a step of 1/127: step²/12.
        var expected = 10 * Math.Log10(1 / 3.0 / (1.0 / (127 * 127) / 12));
        Assert.Equal(expected, Int8PerChannel.Quantize(TestModels.Random(1, 200_000), 1).SignalToNoise!.Value, 0.1);
    }

    [Fact]
    public void Other_bits_are_a_coded_error() =>
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => Int8PerChannel.Quantize([1], 1, 4)).Code);
}
