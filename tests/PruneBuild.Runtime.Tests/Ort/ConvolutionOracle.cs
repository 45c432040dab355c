using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

/// <summary>Compares convolutions with their definition without ONNX Runtime, so that it runs on any device and under an emulator.</summary>
internal static unsafe class ConvolutionOracle
{
    /// <summary>Whether a format has kernels for convolutions.</summary>
    public static bool CanConvolve(string format) => KernelRegistry.CanConvolve(PackedFormats.Find(format)!);

    /// <summary>The first convolution that a tier gets wrong, or null.</summary>
    public static string? FirstMismatch(string format, KernelTier tier)
    {
        foreach (var test in Cases(format))
        {
            var blob = test.Product.Pack();
            var (expected, actual) = (test.Reference(blob), KernelOracle.InPlace(blob, start => Convolve(test, SparseMatrix.Open(start, blob.Length, tier))));
            var tolerance = KernelOracle.IsExact(format) ? 0 : 1e-6 * test.Product.Inputs;
            for (var i = 0; i < expected.Length; i++)
            {
                if (!(Math.Abs((double)expected[i] - actual[i]) <= tolerance))
                    return $"{format} {tier}: {test}, element {i}: expected {expected[i]:R}, got {actual[i]:R}";
            }
        }

        return null;
    }

    private static IEnumerable<ConvCase> Cases(string format)
    {
        yield return new(format, 13, 32, 2, [7, 9], [3, 3], Pads: [1, 1, 1, 1]) { HasBias = true, HasResidual = true, Activation = SparseActivation.Relu };
        yield return new(format, 24, 16, 1, [9, 10], [3, 3], Strides: [2, 2], Pads: [0, 1, 1, 0]);
        yield return new(format, 10, 48, 1, [6, 7], [1, 1]) { HasBias = true };
    }

    private static float[] Convolve(ConvCase test, SparseMatrix matrix)
    {
        static long[] Long(int[]? values) => values is null ? [] : Array.ConvertAll(values, value => (long)value);
        var convolution = new SparseConvolution(matrix, ConvolutionWindow.Parse(Long(test.Kernel), Long(test.Strides), Long(test.Pads), Long(test.Dilations)));
        var plan = convolution.Plan(test.Size[0], test.Size[1]);
        var y = new float[test.OutputShape.Aggregate(1L, (product, size) => product * size)];
        fixed (float* x = test.X(), bias = test.Product.Bias(), residual = test.HasResidual ? test.Residual() : [], target = y)
            convolution.Convolve(plan, x, test.Images, new SparseEpilogue(bias, residual, plan.Positions, test.Activation), target, new SerialLoop());
        return y;
    }
}
