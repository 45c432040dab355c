namespace PruneBuild.Runtime;

/// <summary>What follows a product: y = act(product + bias + residual).</summary>
public readonly ref struct ReferenceEpilogue
{
    /// <summary>[outputs], or empty.</summary>
    public ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[rows, outputs], or empty.</summary>
    public ReadOnlySpan<float> Residual { get; init; }

    /// <summary>Applied last.</summary>
    public SparseActivation Activation { get; init; }
}

/// <summary>
/// The scalar definition every kernel answers to. Integer weights with quantized activations: exact integer sums, then
/// rowScale × (sum × outputScale), the same bits in every kernel. Float activations: the correctly rounded sum, from which a
/// kernel may differ by the rounding of its own order of summation.
/// </summary>
internal static class SparseReference
{
    public static void Multiply(
        UnpackedWeights weights, bool quantizesActivations, ReadOnlySpan<float> x, int rows, in ReferenceEpilogue epilogue, Span<float> y)
    {
        var quantized = new byte[weights.Inputs];
        for (var row = 0; row < rows; row++)
        {
            var source = x.Slice(row * weights.Inputs, weights.Inputs);
            var target = y.Slice(row * weights.Outputs, weights.Outputs);
            var rowScale = 1f;
            var isFinite = quantizesActivations ? ActivationQuantizer.QuantizeScalar(source, quantized, out rowScale) : ActivationQuantizer.IsFinite(source);
            if (!isFinite)
            {
                target.Fill(float.NaN);
                continue;
            }

            for (var output = 0; output < weights.Outputs; output++)
            {
                var value = quantizesActivations ? rowScale * (Sum(weights, quantized, output) * weights.Scales![output]) : (float)Product(weights, source, output);
                if (!epilogue.Bias.IsEmpty)
                    value += epilogue.Bias[output];
                if (!epilogue.Residual.IsEmpty)
                    value += epilogue.Residual[row * weights.Outputs + output];
                target[output] = epilogue.Activation.Apply(value);
            }
        }
    }

    /// <summary>In 32 bits that wrap, as in the kernels; a packer keeps the true sum within them.</summary>
    private static int Sum(UnpackedWeights weights, byte[] quantized, int output)
    {
        var sum = 0;
        for (var input = 0; input < quantized.Length; input++)
            sum = unchecked(sum + (quantized[input] - ActivationQuantizer.ZeroPoint) * weights.Integers![output * weights.Inputs + input]);
        return sum;
    }

    private static double Product(UnpackedWeights weights, ReadOnlySpan<float> x, int output)
    {
        double sum = 0;
        for (var input = 0; input < x.Length; input++)
        {
            var at = output * weights.Inputs + input;
            sum += x[input] * (double)(weights.Singles is { } singles ? singles[at] : weights.Integers![at] * weights.Scales![output]);
        }

        return sum;
    }
}
