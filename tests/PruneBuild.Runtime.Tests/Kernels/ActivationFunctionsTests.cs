using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

public sealed unsafe class ActivationFunctionsTests
{
    private static readonly float[] Inputs =
        [.. Enumerable.Range(-4000, 8001).Select(i => i / 200f), 0f, -0f, 1e-20f, -1e-20f, 88f, 89f, -87f, -88f, -104f, 1e30f, -1e30f, float.MaxValue, float.MinValue];

    public static TheoryData<SparseActivation> Activations => [.. Enum.GetValues<SparseActivation>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Each_is_its_definition_to_single_precision(SparseActivation activation)
    {
        foreach (var x in Inputs)
            Assert.InRange(activation.Apply(x) - Definition(activation, x), -2e-6 * Math.Max(1, Math.Abs((double)x)), 2e-6 * Math.Max(1, Math.Abs((double)x)));
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void A_value_has_the_same_bits_in_a_vector_and_alone(SparseActivation activation)
    {
        var together = (float[])Inputs.Clone();
        fixed (float* y = together)
            ActivationFunctions.Apply(activation, y, together.Length);
        Assert.Equal(Inputs.Select(x => BitConverter.SingleToInt32Bits(activation.Apply(x))), together.Select(BitConverter.SingleToInt32Bits));
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void NaN_stays_NaN(SparseActivation activation) => Assert.True(float.IsNaN(activation.Apply(float.NaN)));

    [Theory]
    [MemberData(nameof(Activations))]
    public void Names_are_read_back(SparseActivation activation) => Assert.Equal(activation, SparseActivations.Parse(activation.AttributeName()));

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones() =>
        Assert.Contains("gelu_tanh", Assert.Throws<InvalidDataException>(() => SparseActivations.Parse("softmax")).Message);

    private static double Definition(SparseActivation activation, double x) => activation switch
    {
        SparseActivation.None => x,
        SparseActivation.Relu => Math.Max(x, 0),
        SparseActivation.Relu6 => Math.Clamp(x, 0, 6),
        SparseActivation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        SparseActivation.Silu => x / (1 + Math.Exp(-x)),
        SparseActivation.Tanh => Math.Tanh(x),
        SparseActivation.Gelu => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
        SparseActivation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    /// <summary>2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), where it converges to double precision; ±1 beyond.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5)
            return Math.Sign(x);
        double term = x, sum = x;
        for (var n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
