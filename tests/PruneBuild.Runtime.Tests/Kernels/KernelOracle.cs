using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

/// <summary>Compares any kernel with the scalar definition of its format.</summary>
internal static unsafe class KernelOracle
{
    /// <summary>With fused multiply-add, float32 kernels owe the exact bits of the definition too.</summary>
    public static bool HasFma => Fma.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>What the scalar definition gives.</summary>
    public static float[] Expected(KernelCase test, byte[] blob)
    {
        var y = new float[test.Rows * test.Outputs];
        if (test.Format == Block8x4Int8.Name)
            Block8x4Int8.Reference(blob, test.X(), test.Rows, test.Bias(), test.Activation, y);
        else
            Block8x1Float32.Reference(blob, test.X(), test.Rows, test.Bias(), test.Activation, y);
        return y;
    }

    /// <summary>What one kernel gives.</summary>
    public static float[] Actual(SparseKernel kernel, KernelCase test, byte[] blob)
    {
        fixed (byte* start = blob)
            return Multiply(SparseMatrix.OpenWith(start, blob.Length, kernel, Supports(kernel.Tier) ? kernel.Tier : KernelTier.Portable), test, new SerialLoop());
    }

    public static float[] Multiply<TLoop>(SparseMatrix matrix, KernelCase test, TLoop loop) where TLoop : struct, IParallelLoop
    {
        // A guard behind y shows a kernel that writes past its last output.
        var y = new float[test.Rows * test.Outputs + 16];
        Array.Fill(y, 12345);
        var bias = test.Bias();
        fixed (float* x = test.X(), b = bias, target = y)
            matrix.Multiply(x, test.Rows, test.HasBias ? b : null, test.Activation, target, loop);
        if (y.AsSpan(test.Rows * test.Outputs).ContainsAnyExcept(12345f))
            throw new InvalidOperationException($"A kernel wrote past the end of y in {test}.");
        return y[..(test.Rows * test.Outputs)];
    }

    /// <summary>The first case one of the kernels, all of one format, gets wrong, or null.</summary>
    public static string? FirstMismatch(params IReadOnlyList<SparseKernel> kernels)
    {
        foreach (var test in KernelCase.All(kernels[0].Format))
        {
            var blob = test.Pack();
            var expected = Expected(test, blob);
            foreach (var kernel in kernels)
            {
                var actual = Actual(kernel, test, blob);
                for (var i = 0; i < expected.Length; i++)
                {
                    if (!IsSame(test, expected[i], actual[i]))
                        return $"{kernel.Format} {kernel.Tier} {kernel.Rows}: {test}, element {i}: expected {expected[i]:R}, got {actual[i]:R}";
                }
            }
        }

        return null;
    }

    private static bool IsSame(KernelCase test, float expected, float actual) => test.Format == Block8x4Int8.Name || HasFma
        ? BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual)
        : Math.Abs(expected - actual) <= 1e-5 * test.Inputs;

    /// <summary>FNV-1a over the bits of every case's result at one tier: equal on every CPU.</summary>
    public static ulong Checksum(string format, KernelTier tier)
    {
        var hash = 14695981039346656037UL;
        foreach (var test in KernelCase.All(format))
        {
            foreach (var value in Actual(KernelRegistry.Find(format, tier, RowBucket.Four), test, test.Pack()))
                hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211UL;
        }

        return hash;
    }

    public static bool Supports(KernelTier tier) => KernelRegistry.Tiers.Contains(tier);
}
