using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

/// <summary>Runs attention on arrays, and compares with the definition.</summary>
internal static unsafe class AttentionOracle
{
    /// <summary>Difference that rounding explains: values are at most one.</summary>
    public const double Bound = 2e-5;

    /// <summary>What the kernel gives, and the cache after it.</summary>
    /// <param name="test">The case.</param>
    /// <param name="tier">The kernel's.</param>
    /// <param name="inPlace">Whether past and present are one memory.</param>
    /// <param name="loop">The host's threads.</param>
    public static (float[] Output, float[] PresentKey, float[] PresentValue) Run<TLoop>(AttentionCase test, KernelTier tier, bool inPlace, TLoop loop) where TLoop : IParallelLoop
    {
        var output = new float[test.Query.Length];
        var (pastKey, pastValue) = (test.PastKey, test.PastValue);
        var (presentKey, presentValue) = inPlace ? (pastKey, pastValue) : (new float[pastKey.Length], new float[pastValue.Length]);
        fixed (float* query = test.IsPacked ? test.Packed() : test.Query, key = test.Key, value = test.Value, pk = pastKey, pv = pastValue, nk = presentKey, nv = presentValue)
        fixed (float* cosines = test.Cosines, sines = test.Sines, y = output)
        fixed (int* lengths = test.Lengths)
        {
            Run(test, tier, query, key, value, pk, pv, nk, nv, cosines, sines, lengths, y, loop);
        }
        return (output, presentKey, presentValue);
    }

    public static void Run<TLoop>(
        AttentionCase test, KernelTier tier, float* query, float* key, float* value, float* pastKey, float* pastValue, float* presentKey, float* presentValue, float* cosines,
        float* sines, int* lengths, float* output, TLoop loop) where TLoop : IParallelLoop
    {
        nint width = test.HeadSize * (test.Heads + (test.IsPacked ? 2 * test.KeyValueHeads : 0));
        var job = new AttentionJob
        {
            Batch = test.Batch, Sequence = test.Sequence, Heads = test.Heads, KeyValueHeads = test.KeyValueHeads, HeadSize = test.HeadSize, Scale = test.Scale,
            Softcap = test.Softcap, Window = test.Window, Query = query, QueryStride = width,
            Key = test.IsPacked ? query + (test.Heads * test.HeadSize) : key,
            Value = test.IsPacked ? query + ((test.Heads + test.KeyValueHeads) * test.HeadSize) : value,
            KeyStride = test.IsPacked ? width : test.KeyValueHeads * test.HeadSize,
            PastKey = pastKey, PastValue = pastValue, PastRows = test.Capacity, PresentKey = presentKey, PresentValue = presentValue, Capacity = test.Capacity,
            Cosines = test.RotaryPairs == 0 ? null : cosines, Sines = test.RotaryPairs == 0 ? null : sines, RotaryPairs = test.RotaryPairs,
            Lengths = lengths, IsFirst = test.IsFirst, Output = output,
        };
        GroupedAttention.Run(&job, tier, loop);
    }

    /// <summary>What is wrong at a tier, or null.</summary>
    public static string? FirstMismatch(KernelTier tier)
    {
        foreach (var test in AttentionCase.Sample())
        {
            var (expected, actual) = (test.Expected(), Run(test, tier, inPlace: true, new SerialLoop()).Output);
            for (var index = 0; index < expected.Length; index++)
            {
                if (!(Math.Abs(expected[index] - actual[index]) <= Bound))
                    return $"attention {test} at tier {tier}: element {index} is {actual[index]}, not {expected[index]}";
            }
        }
        return null;
    }
}
