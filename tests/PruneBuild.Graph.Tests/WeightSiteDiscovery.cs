using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests;

public sealed class WeightSiteDiscovery
{
    [Theory]
    [InlineData("MatMul", new long[] { 3, 5 }, "", SiteKind.MatMul, 5, 3, 1, true)]
    [InlineData("MatMul", new long[] { 1, 1, 3, 5 }, "", SiteKind.MatMul, 5, 3, 1, true)]
    [InlineData("Gemm", new long[] { 3, 5 }, "", SiteKind.Gemm, 5, 3, 1, true)]
    [InlineData("Gemm", new long[] { 5, 3 }, "transB=1", SiteKind.Gemm, 5, 3, 1, false)]
    [InlineData("Conv", new long[] { 8, 3, 2, 2 }, "", SiteKind.Conv, 8, 12, 1, false)]
    [InlineData("Conv", new long[] { 8, 2, 3 }, "group=4", SiteKind.Conv, 8, 6, 4, false)]
    public void A_constant_weight_is_seen_as_outputs_by_inputs(
        string opType, long[] shape, string attribute, SiteKind kind, int outputs, int inputs, int groups, bool transposed)
    {
        using var model = Model(Operator(opType, attribute), TestModels.Floats("w", shape, new float[shape.Aggregate(1, (a, b) => a * (int)b)]));

        var site = Assert.Single(WeightSites.Find(model));

        Assert.Equal((kind, outputs, inputs, groups, transposed), (site.Kind, site.Outputs, site.Inputs, site.Groups, site.Transposed));
        Assert.Equal((WeightStorage.FullPrecision, "w", "w", null), (site.Storage, site.WeightName, site.StoredName, site.ScaleName));
        Assert.Equal(("x", "y"), (site.InputName, site.OutputName));
    }

    [Theory]
    [InlineData("MatMul", new long[] { 3, 5 }, 3, new int[0], 1)]
    [InlineData("Gemm", new long[] { 3, 5 }, 3, new int[0], 1)]
    [InlineData("Conv", new long[] { 8, 4, 3 }, 4, new[] { 3 }, 3)]
    [InlineData("Conv", new long[] { 8, 4, 1, 1 }, 4, new[] { 1, 1 }, 1)]
    [InlineData("Conv", new long[] { 8, 4, 2, 3 }, 4, new[] { 2, 3 }, 6)]
    [InlineData("Conv", new long[] { 8, 1, 2, 3, 5 }, 1, new[] { 2, 3, 5 }, 30)]
    public void A_site_tells_the_channels_and_the_kernel_that_its_inputs_are_made_of(
        string opType, long[] shape, int channels, int[] kernel, int positions)
    {
        using var model = Model(Operator(opType, ""), TestModels.Floats("w", shape, new float[shape.Aggregate(1, (a, b) => a * (int)b)]));

        var site = Assert.Single(WeightSites.Find(model));

        Assert.Equal((channels, positions), (site.Channels, site.KernelPositions));
        Assert.Equal(kernel, site.KernelShape);
        Assert.Equal(site.Inputs, channels * positions);
    }

    [Theory]
    [InlineData("MatMul", "", new long[] { 2, 3, 5 })]
    [InlineData("MatMul", "", new long[] { 3 })]
    [InlineData("MatMul", "", new long[] { 0, 5 })]
    [InlineData("Gemm", "transA=1", new long[] { 3, 5 })]
    [InlineData("Add", "", new long[] { 3, 5 })]
    public void A_weight_that_is_no_matrix_of_one_linear_operator_is_no_site(string opType, string attribute, long[] shape)
    {
        using var model = Model(Operator(opType, attribute), TestModels.Floats("w", shape, new float[shape.Aggregate(1, (a, b) => a * (int)b)]));

        Assert.Empty(WeightSites.Find(model));
    }

    [Fact]
    public void Weights_that_are_not_constant_float_or_int8_are_no_sites()
    {
        using var computed = Model(TestModels.Node("MatMul", ["x", "v"], "y"));
        using var half = Model(Operator("MatMul", ""), TestModels.Raw("w", DataType.Float16, [1, 2], [0, 0, 0, 0]));
        var foreign = Operator("MatMul", "");
        foreign.Domain = "com.example";
        using var otherDomain = Model(foreign, TestModels.Floats("w", [1, 1], 1));
        using var left = Model(TestModels.Node("MatMul", ["w", "x"], "y"), TestModels.Floats("w", [1, 1], 1));

        Assert.All([computed, half, otherDomain, left], model => Assert.Empty(WeightSites.Find(model)));
    }

    [Fact]
    public void Sites_come_in_node_order_and_a_nameless_node_is_called_by_its_output()
    {
        var second = TestModels.Node("MatMul", ["y", "w"], "z");
        second.Name = "";
        using var model = Model(TestModels.Model(Operator("MatMul", ""), second), TestModels.Floats("w", [1, 1], 1));

        Assert.Equal(["MatMul_y", "z"], WeightSites.Find(model).Select(site => site.Name));
    }

    [Theory]
    [InlineData("MatMul", "", 1L, 5, true)]
    [InlineData("MatMul", "", -1L, 5, true)]
    [InlineData("MatMul", "", null, 5, true)]
    [InlineData("MatMul", "", 0L, 3, false)]
    [InlineData("MatMul", "", 1L, 1, false)]
    [InlineData("Gemm", "transB=1", 0L, 3, true)]
    [InlineData("Gemm", "transB=1", -2L, 3, true)]
    [InlineData("Gemm", "transB=1", 1L, 5, false)]
    public void An_int8_weight_is_a_site_when_its_scales_are_one_per_output(string opType, string attribute, long? axis, int scales, bool found)
    {
        using var model = Quantized(opType, attribute, axis, scales);

        var sites = WeightSites.Find(model);

        if (!found)
        {
            Assert.Empty(sites);
            return;
        }
        var site = Assert.Single(sites);
        Assert.Equal((WeightStorage.Int8PerOutput, "w", "q", "s"), (site.Storage, site.WeightName, site.StoredName, site.ScaleName));
    }

    [Fact]
    public void An_int8_weight_with_zero_points_or_block_scales_is_no_site()
    {
        using var asymmetric = Quantized("MatMul", "", 1, 5);
        asymmetric.Graph.Node[0].Input.Add("zero");
        using var blocked = Quantized("MatMul", "", 1, 5);
        blocked.Graph.Node[0].Set("block_size", 1);

        Assert.Empty(WeightSites.Find(asymmetric));
        Assert.Empty(WeightSites.Find(blocked));
    }

    private static OnnxModel Quantized(string opType, string attribute, long? axis, int scales)
    {
        var dequantize = TestModels.Node("DequantizeLinear", ["q", "s"], "w");
        if (axis is { } value)
            dequantize.Set("axis", value);
        return Model(
            TestModels.Model(dequantize, Operator(opType, attribute)),
            TestModels.Raw("q", DataType.Int8, [3, 5], new byte[15]), TestModels.Floats("s", [scales], new float[scales]));
    }

    private static NodeProto Operator(string opType, string attribute)
    {
        var node = TestModels.Node(opType, ["x", "w"], "y");
        if (attribute.Split('=') is [var name, var value])
            node.Set(name, long.Parse(value));
        return node;
    }

    private static OnnxModel Model(NodeProto node, params TensorProto[] tensors) => Model(TestModels.Model(node), tensors);

    private static OnnxModel Model(ModelProto proto, params TensorProto[] tensors)
    {
        proto.Graph.Initializer.Add(tensors);
        return OnnxModel.FromProto(proto);
    }
}
