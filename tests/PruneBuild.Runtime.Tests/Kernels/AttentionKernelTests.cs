using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

public sealed unsafe class AttentionKernelTests
{
    public static TheoryData<KernelTier> Tiers => [.. Enum.GetValues<KernelTier>().Where(KernelRegistry.CanExecute)];

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Attention_is_that_of_the_definition(KernelTier tier) => Assert.Null(AttentionOracle.FirstMismatch(tier));

    [Fact]
    public void Parts_may_run_in_any_order_and_give_the_same_bits()
    {
        foreach (var test in AttentionCase.Sample())
        {
            var tier = KernelRegistry.SelectTier();
            Assert.Equal(AttentionOracle.Run(test, tier, inPlace: true, new SerialLoop()).Output, AttentionOracle.Run(test, tier, inPlace: true, new BackwardLoop()).Output);
        }
    }

    [Fact]
    public void New_keys_are_turned_and_values_appended()
    {
        var test = new AttentionCase(4, 2, 8, 3, 5, 2) { Spare = 4, RotaryPairs = 4 };
        var (_, keys, values) = AttentionOracle.Run(test, KernelRegistry.SelectTier(), inPlace: true, new SerialLoop());
        for (var batch = 0; batch < 2; batch++)
        {
            for (var step = 0; step < 3; step++)
            {
                var (from, to) = (((batch * 3) + step) * 2 * 8, ((batch * 2 * test.Capacity) + test.Cached[batch] + step) * 8);
                var angle = (test.Cached[batch] + step) * Math.Pow(100, -1.0 / 4);
                Assert.Equal((test.Key[from + 1] * Math.Cos(angle)) - (test.Key[from + 5] * Math.Sin(angle)), keys[to + 1], 1e-6);
                Assert.Equal(test.Value[from + 1], values[to + 1]);
            }
        }
    }

    [Fact]
    public void A_cache_elsewhere_gets_what_came_before_and_zeros_behind_the_end()
    {
        var test = new AttentionCase(2, 1, 8, 1, 70, 3) { Spare = 2 };
        var (output, keys, values) = AttentionOracle.Run(test, KernelRegistry.SelectTier(), inPlace: false, new SerialLoop());
        Assert.Equal(AttentionOracle.Run(test, KernelRegistry.SelectTier(), inPlace: true, new SerialLoop()).Output, output);
        Assert.Equal(test.PastKey[..(70 * 8)], keys[..(70 * 8)]);
        Assert.Equal(test.PastValue[..(70 * 8)], values[..(70 * 8)]);
        Assert.All(keys[(71 * 8)..(test.Capacity * 8)], value => Assert.Equal(0, value));
        Assert.All(values[((test.Capacity + 4) * 8)..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void What_is_no_number_stays_none()
    {
        var test = new AttentionCase(1, 1, 8, 2, 0);
        var value = test.Value;
        value[3] = float.NaN;
        var output = new float[16];
        fixed (float* query = test.Query, key = test.Key, v = value, pk = test.PastKey, pv = test.PastValue, y = output)
        fixed (int* lengths = test.Lengths)
            AttentionOracle.Run(test, KernelRegistry.SelectTier(), query, key, v, pk, pv, pk, pv, null, null, lengths, y, new SerialLoop());
        Assert.True(float.IsNaN(output[3]) && float.IsNaN(output[11]));
        Assert.False(float.IsNaN(output[2]));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void A_row_that_is_no_number_spoils_itself_alone(KernelTier tier)
    {
        var test = new AttentionCase(3, 1, 16, 1, 130);
        var (rows, output) = (test.Query, new float[48]);
        rows[16 + 5] = float.NaN;
        fixed (float* query = rows, key = test.Key, value = test.Value, keys = test.PastKey, values = test.PastValue, y = output)
        fixed (int* lengths = test.Lengths)
            AttentionOracle.Run(test, tier, query, key, value, keys, values, keys, values, null, null, lengths, y, new SerialLoop());
        Assert.All(output.Index(), element => Assert.Equal(element.Index is >= 16 and < 32, float.IsNaN(element.Item)));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Attention_stays_inside_its_tensors(KernelTier tier)
    {
        foreach (var test in AttentionCase.Sample())
        {
            var expected = AttentionOracle.Run(test, tier, inPlace: true, new SerialLoop()).Output;
            foreach (var end in Enum.GetValues<GuardedEnd>())
            {
                using var query = GuardedMemory.Of<float>(test.IsPacked ? test.Packed() : test.Query, end);
                using var key = GuardedMemory.Of<float>(test.Key, end);
                using var value = GuardedMemory.Of<float>(test.Value, end);
                using var keys = GuardedMemory.Of<float>(test.PastKey, end);
                using var values = GuardedMemory.Of<float>(test.PastValue, end);
                using var cosines = GuardedMemory.Of<float>(test.Cosines, end);
                using var sines = GuardedMemory.Of<float>(test.Sines, end);
                using var lengths = GuardedMemory.Of<int>(test.Lengths, end);
                using var output = new GuardedMemory(expected.Length * sizeof(float), end);
                AttentionOracle.Run(
                    test, tier, (float*)query.Start, (float*)key.Start, (float*)value.Start, (float*)keys.Start, (float*)values.Start, (float*)keys.Start, (float*)values.Start,
                    (float*)cosines.Start, (float*)sines.Start, (int*)lengths.Start, (float*)output.Start, new SerialLoop());
                Assert.Equal(expected, output.As<float>().ToArray());
            }
        }
    }

    private readonly struct BackwardLoop : IParallelLoop
    {
        public void Run(int count, delegate* unmanaged[Cdecl]<void*, nuint, void> body, void* state)
        {
            for (var part = count - 1; part >= 0; part--)
                body(state, (nuint)part);
        }
    }
}
