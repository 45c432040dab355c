using CsCheck;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

public sealed unsafe class ActivationQuantizerTests
{
    private static readonly float[] Corners = [0f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon, float.MaxValue, float.MinValue, 1e-38f, 0.5f, 1.5f];

    private static readonly Gen<float> AnyFloat = Gen.OneOf(Gen.Float, Gen.Float[-1, 1], Gen.Int[0, Corners.Length - 1].Select(i => Corners[i]));

    [Fact]
    public void Vectors_quantize_exactly_as_the_definition() =>
        AnyFloat.Array[0, 70].Sample(x =>
        {
            var expected = new byte[x.Length];
            var isFinite = ActivationQuantizer.QuantizeScalar(x, expected, out var expectedScale);
            var actual = new byte[x.Length + 3];
            float scale;
            fixed (float* source = x)
            fixed (byte* target = actual)
                Assert.Equal(isFinite, ActivationQuantizer.Quantize(source, x.Length, target, actual.Length, out scale));
            Assert.Equal(expectedScale, scale);
            Assert.Equal([.. expected, 64, 64, 64], actual);
        });

    [Fact]
    public void A_finite_row_uses_seven_bits_and_reaches_both_ends() =>
        Gen.Float[-1e6f, 1e6f].Array[1, 70].Where(x => x.Max(Math.Abs) > 1e-6f).Sample(x =>
        {
            var quantized = new byte[x.Length];
            ActivationQuantizer.QuantizeScalar(x, quantized, out var scale);
            Assert.All(quantized, value => Assert.InRange(value, 1, 127));
            Assert.Contains(quantized, value => value is 1 or 127);
            for (var i = 0; i < x.Length; i++)
                Assert.InRange(Math.Abs((quantized[i] - 64) * (double)scale - x[i]), 0, scale * 0.50001);
        });

    [Theory]
    [InlineData(1f, true)]
    [InlineData(float.NaN, false)]
    [InlineData(float.NegativeInfinity, false)]
    public void Finiteness_is_seen_at_every_position(float value, bool isFinite)
    {
        for (var at = 0; at < 21; at++)
        {
            var x = new float[21];
            x[at] = value;
            Assert.Equal(isFinite, ActivationQuantizer.IsFinite(x));
        }
    }
}
