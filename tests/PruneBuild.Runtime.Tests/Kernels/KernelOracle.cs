using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

/// <summary>
/// Compares any kernel of any format with the scalar definition: integer kernels bit by bit, float kernels within the rounding
/// of a sum of that many terms (Higham, "Accuracy and stability of numerical algorithms", 3.1). A new kernel needs no code here.
/// </summary>
internal static unsafe class KernelOracle
{
    /// <summary>Whether kernels owe the exact bits of the definition.</summary>
    public static bool IsExact(string format) => PackedFormats.Find(format)!.QuantizesActivations;

    /// <summary>The formats that run.</summary>
    public static IEnumerable<string> Formats => PackedFormats.All.Where(format => format.IsExecutable).Select(format => format.Name);

    /// <summary>What the scalar definition gives.</summary>
    public static float[] Expected(KernelCase test, byte[] blob)
    {
        var y = new float[test.Rows * test.Outputs];
        test.Packed.Reference(blob, test.X(), test.Rows, new() { Bias = test.Bias(), Residual = test.Residual(), Activation = test.Activation }, y);
        return y;
    }

    /// <summary>What one kernel gives.</summary>
    public static float[] Actual(SparseKernel kernel, KernelCase test, byte[] blob) =>
        InPlace(blob, start => Multiply(SparseMatrix.OpenWith(start, blob.Length, kernel), test, new SerialLoop()));

    /// <summary>Lends the blob at one of several alignments: external data may start at any byte of a file.</summary>
    public static T InPlace<T>(byte[] blob, Opened<T> use)
    {
        ReadOnlySpan<int> shifts = [0, 1, 4, 32];
        var buffer = new byte[blob.Length + 128];
        fixed (byte* start = buffer)
        {
            var place = (byte*)(((nint)start + 63) / 64 * 64) + shifts[blob.Length / 64 % shifts.Length];
            blob.CopyTo(new Span<byte>(place, blob.Length));
            return use(place);
        }
    }

    public delegate T Opened<T>(byte* blob);

    public static float[] Multiply<TLoop>(SparseMatrix matrix, KernelCase test, TLoop loop) where TLoop : struct, IParallelLoop
    {
        // A guard behind y shows a kernel that writes past its last output.
        var y = new float[test.Rows * test.Outputs + 16];
        Array.Fill(y, 12345);
        fixed (float* x = test.X(), bias = test.Bias(), residual = test.Residual(), target = y)
            matrix.Multiply(x, test.Rows, new SparseEpilogue(bias, residual, test.Outputs, test.Activation), target, loop);
        if (y.AsSpan(test.Rows * test.Outputs).ContainsAnyExcept(12345f))
            throw new InvalidOperationException($"A kernel wrote past the end of y in {test}.");
        return y[..(test.Rows * test.Outputs)];
    }

    /// <summary>The first case one of the kernels, all of the cases' format, gets wrong, or null.</summary>
    public static string? FirstMismatch(IEnumerable<KernelCase> cases, params IReadOnlyList<SparseKernel> kernels)
    {
        foreach (var test in cases)
        {
            var blob = test.Pack();
            var expected = Expected(test, blob);
            var bound = Bound(test, blob);
            foreach (var kernel in kernels)
            {
                var actual = Actual(kernel, test, blob);
                for (var i = 0; i < expected.Length; i++)
                {
                    if (!(bound is null ? BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]) : Math.Abs((double)expected[i] - actual[i]) <= bound[i]))
                        return $"{kernel.Format} {kernel.Tier} {kernel.Rows}: {test}, element {i}: expected {expected[i]:R}, got {actual[i]:R}";
                }
            }
        }

        return null;
    }

    /// <summary>How far a float kernel may be from the correctly rounded sum, or null where bits must match.</summary>
    public static double[]? Bound(KernelCase test, byte[] blob)
    {
        if (IsExact(test.Format))
            return null;
        var weights = test.Packed.Unpack(blob).ToSingles();
        var (x, bias) = (test.X(), test.Bias());
        var bound = new double[test.Rows * test.Outputs];
        for (var i = 0; i < bound.Length; i++)
        {
            var (row, output) = (i / test.Outputs, i % test.Outputs);
            double magnitude = bias.Length == 0 ? 0 : Math.Abs(bias[output]);
            for (var input = 0; input < test.Inputs; input++)
                magnitude += Math.Abs((double)x[row * test.Inputs + input] * weights[output * test.Inputs + input]);
            bound[i] = (test.Inputs + 4) * Math.Pow(2, -24) * magnitude;
        }

        return bound;
    }

    /// <summary>FNV-1a over the bits of a sample's results at one tier: equal on every CPU for integer formats.</summary>
    public static ulong Checksum(string format, KernelTier tier)
    {
        var hash = 14695981039346656037UL;
        foreach (var test in KernelCase.Sample(format))
        {
            var blob = test.Pack();
            foreach (var value in InPlace(blob, start => Multiply(SparseMatrix.Open(start, blob.Length, tier), test, new SerialLoop())))
                hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211UL;
        }

        return hash;
    }
}
