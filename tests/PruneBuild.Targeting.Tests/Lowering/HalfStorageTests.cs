using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>Float weights stored as float16, which ONNX Runtime casts back when it loads the model.</summary>
public sealed class HalfStorageTests
{
    private static readonly Device Half = DeviceCatalogue.Find("linux-arm64", "raspberry-pi-5");
    private static readonly Device Full = DeviceCatalogue.Find("linux-x64");

    [Fact]
    public void A_dense_layer_takes_half_the_bytes_and_answers_within_the_rounding()
    {
        using var model = Model(LoweredRun.Random(64 * 32));
        var x = LoweredRun.Random(4 * 64, seed: 3);
        var before = LoweredRun.Run(model, "y", x, 4, 64);
        var layer = Lower(model, Half);
        Assert.Equal((64 * 32 * 2, "dense.fp32"), (layer.StoredBytes, layer.Kernel));
        Assert.EndsWith("'w' stored as float16", layer.Reason, StringComparison.Ordinal);
        Assert.Equal(["w_half", "b"], model.Weights.Keys.OrderDescending(StringComparer.Ordinal));
        Assert.Equal(TensorProto.Types.DataType.Float16, model.Weights["w_half"].Type);
        Assert.InRange(LoweredRun.RelativeError(before, LoweredRun.Run(model, "y", x, 4, 64)), 1e-6, 1e-3);
    }

    [Theory]
    [InlineData(65505f, "65505 is beyond float16")]
    [InlineData(-1e30f, "-1E+30 is beyond float16")]
    [InlineData(1e-9f, "1E-09 would vanish in float16")]
    [InlineData(float.NaN, "NaN is beyond float16")]
    public void A_value_that_would_not_survive_keeps_the_weight(float value, string reason)
    {
        var weights = LoweredRun.Random(64 * 32);
        weights[777] = value;
        using var model = Model(weights);
        var layer = Lower(model, Half);
        Assert.EndsWith($"float32 storage of 'w': {reason}", layer.Reason, StringComparison.Ordinal);
        Assert.Equal(64 * 32 * 4, layer.StoredBytes);
        Assert.Contains("w", model.Weights.Keys);
    }

    [Fact]
    public void A_zero_and_the_largest_half_survive()
    {
        var weights = LoweredRun.Random(64 * 32);
        (weights[0], weights[1], weights[2]) = (65504, -65504, -0.0f);
        using var model = Model(weights);
        Assert.EndsWith("stored as float16", Lower(model, Half).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_without_float16_arithmetic_refuses_by_name()
    {
        using var model = Model(LoweredRun.Random(64 * 32));
        Assert.EndsWith($"float32 storage: {Full.Id} has no float16 arithmetic", Lower(model, Full).Reason, StringComparison.Ordinal);
        Assert.Contains("w", model.Weights.Keys);
    }

    private static OnnxModel Model(float[] weights) => new ModelBuilder().Input("x", 4, 64).Output("y", 4, 32)
        .Float("w", weights, 64, 32).Float("b", LoweredRun.Random(32), 32).Node("MatMul", ["x", "w"], "h").Node("Add", ["h", "b"], "y").Build();

    private static LoweredLayer Lower(OnnxModel model, Device device) => Assert.Single(ModelLowering.Lower(model, device, new LoweringOptions { StoreHalf = true }));
}
