using Microsoft.ML.OnnxRuntime;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Ort;

/// <summary>The operator in a session, beside ONNX Runtime's own of the same name.</summary>
public sealed class GroupQueryAttentionTests
{
    private const string Own = "prunebuild";
    private const string Rival = "com.microsoft";

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Known.Length)];

    private static readonly AttentionCase[] Known =
    [
        new(9, 3, 64, 1, 140) { RotaryPairs = 32, Spare = 20 }, new(9, 3, 64, 1, 140) { RotaryPairs = 32 }, new(4, 2, 32, 20, 0) { RotaryPairs = 16 }, new(4, 2, 32, 20, 0) { RotaryPairs = 16, Spare = 5 },
        new(4, 2, 32, 6, 50) { RotaryPairs = 16 }, new(4, 2, 32, 1, 50, 7, 30) { RotaryPairs = 16 }, new(4, 2, 32, 1, 50) { Window = 9 }, new(4, 2, 32, 30, 0) { Window = 9 },
        new(4, 2, 32, 11, 40) { Window = 16, Softcap = 5 }, new(8, 1, 128, 3, 0, 0), new(4, 2, 32, 5, 9) { IsPacked = true, RotaryPairs = 16 },
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_answers_as_the_operator_of_ONNX_Runtime(int number)
    {
        var test = Known[number];
        using var own = Open(Own, test);
        using var rival = Open(Rival, test);
        var (expected, actual) = (Run(rival, test), Run(own, test));
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (left, right) in expected.Zip(actual))
            AssertClose(left, right);
        Assert.All(test.Expected().Zip(actual[0]), pair => Assert.Equal(pair.First, pair.Second, AttentionOracle.Bound));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Threads_do_not_change_a_bit(int threads)
    {
        var test = new AttentionCase(8, 4, 64, 300, 0) { RotaryPairs = 32 };
        using var one = Open(Own, test, threads: 1);
        using var session = Open(Own, test, threads);
        Assert.Equal(Run(one, test)[0], Run(session, test)[0]);
    }

    [Fact]
    public void A_cache_that_is_bound_as_past_and_present_is_appended_in_place()
    {
        var test = new AttentionCase(4, 2, 16, 1, 10) { Spare = 21, RotaryPairs = 8 };
        using var session = Open(Own, test);
        var (keys, values, output) = (test.PastKey, test.PastValue, new float[64]);
        using var binding = session.CreateIoBinding();
        using var inputs = new Values(test, keys, values);
        foreach (var (name, value) in inputs.All)
            binding.BindInput(name, value);
        binding.BindOutput("present_key", inputs.All["past_key"]);
        binding.BindOutput("present_value", inputs.All["past_value"]);
        using var y = OrtValue.CreateTensorValueFromMemory(output, [1, 1, 64]);
        binding.BindOutput("y", y);
        using var options = new RunOptions();
        session.RunWithBinding(options, binding);
        Assert.All(test.Expected().Zip(output), pair => Assert.Equal(pair.First, pair.Second, AttentionOracle.Bound));
        Assert.Equal(test.PastKey[..(10 * 16)], keys[..(10 * 16)]);
        Assert.All(keys[(10 * 16)..(11 * 16)], value => Assert.True(float.IsFinite(value)));
        Assert.True(float.IsNaN(keys[11 * 16]));
    }

    [Fact]
    public void Memory_that_is_past_and_present_has_the_same_rows_for_both()
    {
        var test = new AttentionCase(4, 2, 16, 1, 10);
        using var session = Open(Own, test);
        var (keys, values) = (new float[2 * 11 * 16], new float[2 * 11 * 16]);
        using var binding = session.CreateIoBinding();
        using var inputs = new Values(test, null, null);
        using OrtValue pastKey = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, keys.AsMemory(0, 2 * 10 * 16), [1, 2, 10, 16]), presentKey = OrtValue.CreateTensorValueFromMemory(keys, [1, 2, 11, 16]);
        using OrtValue pastValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(0, 2 * 10 * 16), [1, 2, 10, 16]), presentValue = OrtValue.CreateTensorValueFromMemory(values, [1, 2, 11, 16]);
        foreach (var (name, value) in inputs.All.Append(new("past_key", pastKey)).Append(new("past_value", pastValue)))
            binding.BindInput(name, value);
        binding.BindOutput("present_key", presentKey);
        binding.BindOutput("present_value", presentValue);
        binding.BindOutputToDevice("y", OrtMemoryInfo.DefaultInstance);
        using var options = new RunOptions();
        Assert.Contains("bound as past and present", Assert.Throws<OnnxRuntimeException>(() => session.RunWithBinding(options, binding)).Message);
    }

    [Fact]
    public void A_present_that_is_bound_too_small_fails_the_run()
    {
        var test = new AttentionCase(4, 2, 16, 1, 10);
        using var session = Open(Own, test);
        using var binding = session.CreateIoBinding();
        using var inputs = new Values(test, test.PastKey, test.PastValue);
        using var present = OrtValue.CreateTensorValueFromMemory(new float[2 * 10 * 16], [1, 2, 10, 16]);
        foreach (var (name, value) in inputs.All)
            binding.BindInput(name, value);
        binding.BindOutput("present_key", present);
        binding.BindOutputToDevice("present_value", OrtMemoryInfo.DefaultInstance);
        binding.BindOutputToDevice("y", OrtMemoryInfo.DefaultInstance);
        using var options = new RunOptions();
        Assert.Throws<OnnxRuntimeException>(() => session.RunWithBinding(options, binding));
    }

    [Fact]
    public void Without_a_new_position_the_cache_is_handed_on()
    {
        var test = new AttentionCase(4, 2, 16, 0, 10) { Spare = 3 };
        using var session = Open(Own, test);
        var results = Run(session, test);
        Assert.Empty(results[0]);
        float[] Kept(float[] past) => [.. past.Select((value, index) => index / 16 % 13 < 10 ? value : 0)];
        Assert.Equal(Kept(test.PastKey), results[1]);
        Assert.Equal(Kept(test.PastValue), results[2]);
    }

    [Fact]
    public void No_sequences_are_attended_to_without_a_fault()
    {
        var test = new AttentionCase(4, 2, 16, 1);
        using var session = Open(Own, test with { Cached = [10] });
        using var inputs = new Values(test with { Cached = [10] }, null, null);
        inputs.Set("query", Array.Empty<float>(), [0, 1, 64]);
        foreach (var name in (string[])["key", "value"])
            inputs.Set(name, Array.Empty<float>(), [0, 1, 32]);
        foreach (var name in (string[])["past_key", "past_value"])
            inputs.Set(name, Array.Empty<float>(), [0, 2, 10, 16]);
        inputs.Set("seqlens_k", Array.Empty<int>(), [0]);
        using var options = new RunOptions();
        using var results = session.Run(options, inputs.All, ["y", "present_key"]);
        Assert.Equal([0, 1, 64], results[0].GetTensorTypeAndShape().Shape);
        Assert.Equal([0, 2, 11, 16], results[1].GetTensorTypeAndShape().Shape);
    }

    [Fact]
    public void A_prompt_needs_no_cache()
    {
        var test = new AttentionCase(4, 2, 16, 5, 0);
        using var session = SparseModel.Open(Model(Own, test, hasPast: false));
        using var inputs = new Values(test, null, null);
        using var options = new RunOptions();
        using var results = session.Run(options, inputs.All, ["y", "present_key"]);
        Assert.All(test.Expected().Zip(results[0].GetTensorDataAsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, AttentionOracle.Bound));
        Assert.Equal([1, 2, 5, 16], results[1].GetTensorTypeAndShape().Shape);
    }

    [Fact]
    public void Padding_behind_a_short_prompt_changes_nothing_before_it()
    {
        var test = new AttentionCase(4, 2, 16, 6, 0, 0) { RotaryPairs = 8 };
        using var session = Open(Own, test);
        using var inputs = new Values(test, test.PastKey, test.PastValue);
        inputs.Set("seqlens_k", new[] { 5, 2 }, [2]);
        using var options = new RunOptions();
        using var results = session.Run(options, inputs.All, ["y"]);
        var actual = results[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.All(test.Expected().Take((6 + 3) * 64).Zip(actual), pair => Assert.Equal(pair.First, pair.Second, AttentionOracle.Bound));
    }

    [Theory]
    [InlineData("seqlens_k", new[] { 99 }, "seqlens_k is 99")]
    [InlineData("seqlens_k", new[] { -1 }, "seqlens_k is -1")]
    [InlineData("seqlens_k", new[] { 1, 2 }, "seqlens_k must have 1")]
    [InlineData("total", new[] { 0 }, "less than the 1")]
    [InlineData("total", new[] { int.MaxValue }, "The cache has")]
    [InlineData("total", new[] { 500 }, "The cache has")]
    [InlineData("total", new[] { 4, 4 }, "one number")]
    public void Lengths_that_contradict_the_tensors_fail_the_run(string name, int[] value, string message)
    {
        var test = new AttentionCase(4, 2, 16, 1, 10) { RotaryPairs = 8 };
        using var session = Open(Own, test);
        using var inputs = new Values(test, test.PastKey, test.PastValue);
        inputs.Set(name, value, [value.Length]);
        using var options = new RunOptions();
        Assert.Contains(message, Assert.Throws<OnnxRuntimeException>(() => session.Run(options, inputs.All, ["y"])).Message);
    }

    [Theory]
    [InlineData("past_value", 40, new[] { 1L, 2, 10, 2 }, "past_value must have the shape")]
    [InlineData("key", 16, new[] { 1L, 1, 16 }, "key must have the shape")]
    [InlineData("cos_cache", 8, new[] { 1L, 8 }, "cos_cache has 1 positions")]
    [InlineData("cos_cache", 11 * 9, new[] { 11L, 9 }, "at most 8")]
    [InlineData("sin_cache", 10 * 8, new[] { 10L, 8 }, "sin_cache must have the shape")]
    [InlineData("query", 66, new[] { 1L, 1, 66 }, "66 features")]
    [InlineData("query", 24, new[] { 1L, 1, 24 }, "multiple of four")]
    public void Tensors_of_another_shape_fail_the_run(string name, int elements, long[] shape, string message)
    {
        var test = new AttentionCase(4, 2, 16, 1, 10) { RotaryPairs = 8 };
        using var session = Open(Own, test);
        using var inputs = new Values(test, test.PastKey, test.PastValue);
        inputs.Set(name, new float[elements], shape);
        using var options = new RunOptions();
        Assert.Contains(message, Assert.Throws<OnnxRuntimeException>(() => session.Run(options, inputs.All, ["y"])).Message);
    }

    [Theory]
    [InlineData(4, 3, "do not divide")]
    [InlineData(0, 1, "num_heads is 0")]
    [InlineData(1 << 20, 1, "num_heads is 1048576")]
    public void Heads_that_do_not_group_are_refused_when_the_session_is_made(int heads, int groups, string message) =>
        Assert.Contains(message, Assert.Throws<OnnxRuntimeException>(() => SparseModel.Open(Model(Own, new AttentionCase(heads, groups, 16, 1, 1)))).Message);

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        // Rows of the cache that nobody wrote are what they were, no numbers or zeros.
        Assert.All(expected.Zip(actual), pair => Assert.True(!float.IsFinite(pair.First) || pair.Second == 0 || Math.Abs(pair.First - pair.Second) < AttentionOracle.Bound, $"{pair}"));
    }

    private static InferenceSession Open(string domain, AttentionCase test, int threads = 1) => SparseModel.Open(Model(domain, test), threads);

    private static List<float[]> Run(InferenceSession session, AttentionCase test)
    {
        using var inputs = new Values(test, test.PastKey, test.PastValue);
        using var options = new RunOptions();
        using var results = session.Run(options, inputs.All, ["y", "present_key", "present_value"]);
        return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
    }

    private static byte[] Model(string domain, AttentionCase test, bool hasPast = true)
    {
        var writer = new OnnxWriter().Input("query", OnnxWriter.Float, "batch", "sequence", "width");
        if (!test.IsPacked)
            writer.Input("key", OnnxWriter.Float, "batch", "sequence", "narrow").Input("value", OnnxWriter.Float, "batch", "sequence", "narrow");
        if (hasPast)
            writer.Input("past_key", OnnxWriter.Float, "batch", "groups", "past", "size").Input("past_value", OnnxWriter.Float, "batch", "groups", "past", "size");
        writer.Input("seqlens_k", OnnxWriter.Int32, "lengths").Input("total", OnnxWriter.Int32, "one");
        List<string> inputs = ["query", .. test.IsPacked ? ["", ""] : (string[])["key", "value"], .. hasPast ? ["past_key", "past_value"] : (string[])["", ""], "seqlens_k", "total"];
        List<(string, object)> attributes = [("num_heads", test.Heads), ("kv_num_heads", test.KeyValueHeads), ("softcap", test.Softcap)];
        if (test.RotaryPairs > 0)
        {
            writer.Input("cos_cache", OnnxWriter.Float, "positions", "pairs").Input("sin_cache", OnnxWriter.Float, "positions", "pairs");
            inputs.AddRange(["cos_cache", "sin_cache"]);
            attributes.Add(("do_rotary", 1));
        }
        if (test.Window > 0)
            attributes.Add(("local_window_size", test.Window));
        writer.Output("y", OnnxWriter.Float, "batch", "sequence", "out").Output("present_key", OnnxWriter.Float, "batch", "groups", "rows", "size").Output("present_value", OnnxWriter.Float, "batch", "groups", "rows", "size");
        return writer.Node(domain, "GroupQueryAttention", [.. inputs], ["y", "present_key", "present_value"], [.. attributes]).ToBytes();
    }

    /// <summary>The inputs of a case.</summary>
    private sealed class Values : IDisposable
    {
        public Values(AttentionCase test, float[]? pastKey, float[]? pastValue)
        {
            long width = test.Heads * test.HeadSize, narrow = test.KeyValueHeads * test.HeadSize;
            Set("query", test.IsPacked ? test.Packed() : test.Query, [test.Batch, test.Sequence, test.IsPacked ? width + (2 * narrow) : width]);
            if (!test.IsPacked)
            {
                Set("key", test.Key, [test.Batch, test.Sequence, narrow]);
                Set("value", test.Value, [test.Batch, test.Sequence, narrow]);
            }
            if (pastKey is not null)
            {
                Set("past_key", pastKey, [test.Batch, test.KeyValueHeads, test.Capacity, test.HeadSize]);
                Set("past_value", pastValue!, [test.Batch, test.KeyValueHeads, test.Capacity, test.HeadSize]);
            }
            Set("seqlens_k", test.Lengths, [test.Batch]);
            Set("total", new[] { test.Total }, [1]);
            if (test.RotaryPairs > 0)
            {
                Set("cos_cache", test.Cosines, [test.Capacity, test.RotaryPairs]);
                Set("sin_cache", test.Sines, [test.Capacity, test.RotaryPairs]);
            }
        }

        public Dictionary<string, OrtValue> All { get; } = [];

        public void Set<T>(string name, T[] values, long[] shape) where T : unmanaged
        {
            if (All.Remove(name, out var before))
                before.Dispose();
            All[name] = OrtValue.CreateTensorValueFromMemory(values, shape);
        }

        public void Dispose()
        {
            foreach (var value in All.Values)
                value.Dispose();
        }
    }
}
