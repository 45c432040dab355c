using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Statistics;

public sealed class Im2ColTests
{
    [Theory]
    [InlineData(3, 3, 1, 1, 1, 1, "NOTSET")]
    [InlineData(3, 3, 2, 1, 1, 1, "NOTSET")]
    [InlineData(3, 2, 1, 2, 0, 1, "NOTSET")]
    [InlineData(1, 1, 2, 1, 0, 1, "NOTSET")]
    [InlineData(3, 3, 1, 1, 1, 2, "NOTSET")]
    [InlineData(2, 3, 2, 2, 1, 2, "NOTSET")]
    [InlineData(3, 3, 1, 1, 1, 4, "NOTSET")]
    [InlineData(3, 3, 2, 1, 0, 1, "SAME_UPPER")]
    [InlineData(2, 2, 1, 1, 0, 1, "SAME_LOWER")]
    [InlineData(3, 3, 2, 1, 0, 4, "VALID")]
    public void Rows_times_the_matrix_of_the_weight_are_the_convolution_of_ONNX_Runtime(
        int kernelHeight, int kernelWidth, int stride, int dilation, int pad, int groups, string autoPad) => AssertConvolution(
            [kernelHeight, kernelWidth], groups, [9, 7],
            ("strides", new long[] { stride, stride }), ("dilations", new long[] { dilation, dilation }),
            autoPad == "NOTSET" ? ("pads", new long[] { pad, 0, pad + 1, pad }) : ("auto_pad", autoPad));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(2, 4)]
    public void Rows_of_a_one_dimensional_convolution_times_its_matrix_are_that_of_ONNX_Runtime(int kernel, int groups) => AssertConvolution(
        [kernel], groups, [11], ("strides", new long[] { 2 }), ("dilations", new long[] { 3 }), ("pads", new long[] { 1, 2 }));

    [Fact]
    public void A_row_holds_the_channels_of_one_kernel_position_after_another()
    {
        // The digits of an element: channel, row, column. The second of two groups has the channels 2 and 3.
        float[] data = [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112, 200, 201, 202, 210, 211, 212, 300, 301, 302, 310, 311, 312];
        var node = TestModels.Node("Conv", ["x", "w"], "y", ("group", 2L));
        var rows = new List<float>();
        Im2Col.Unfold(data, (1, 4, 2, 3), ConvolutionGeometry.Of(node, [2, 2, 2, 2])!, 1, slice => rows.AddRange(slice));
        Assert.Equal([200f, 300, 201, 301, 210, 310, 211, 311, 201, 301, 202, 302, 211, 311, 212, 312], rows);
    }

    [Fact]
    public void A_one_dimensional_convolution_unfolds_along_its_axis()
    {
        var node = TestModels.Node("Conv", ["x", "w"], "y", ("pads", new long[] { 1, 0 }), ("strides", new long[] { 2 }));
        var rows = new List<float>();
        Im2Col.Unfold([1, 2, 3, 4], (1, 1, 1, 4), ConvolutionGeometry.Of(node, [1, 1, 2])!, 0, slice => rows.AddRange(slice));
        Assert.Equal([0f, 1, 2, 3], rows);
    }

    [Fact]
    public void Three_spatial_dimensions_are_not_taken() =>
        Assert.Null(ConvolutionGeometry.Of(TestModels.Node("Conv", ["x", "w"], "y"), [1, 1, 3, 3, 3]));

    private static void AssertConvolution(long[] kernel, int groups, long[] size, params (string, object)[] attributes)
    {
        var (images, channels, outputs) = (2, 4, 8);
        long[] shape = [images, channels, .. size], weightShape = [outputs, channels / groups, .. kernel];
        var data = TestModels.Random(2, Count(shape));
        using var model = TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "y", [("group", (long)groups), .. attributes])], [("x", shape)], ["y"],
            [("w", weightShape, TestModels.Random(1, Count(weightShape)))]);
        var expected = TestModels.Run(model, "x", data, shape, "y");

        var site = WeightSites.Find(model)[0];
        var weight = site.ReadMatrix(model);
        var geometry = ConvolutionGeometry.Of(site.Node, weightShape)!;
        var actual = new double[expected.Length];
        var positions = expected.Length / images / outputs;
        var height = size.Length == 1 ? 1 : (int)size[0];
        for (var group = 0; group < groups; group++)
        {
            var rows = new List<float>();
            Im2Col.Unfold(data, (images, channels, height, (int)size[^1]), geometry, group, slice => rows.AddRange(slice));
            var perGroup = outputs / groups;
            var part = weight[(group * perGroup * site.Inputs)..((group + 1) * perGroup * site.Inputs)];
            var product = TestModels.Product([.. rows], part, site.Inputs);
            for (var row = 0; row < images * positions; row++)
                for (var output = 0; output < perGroup; output++)
                    actual[(((row / positions * outputs) + (group * perGroup) + output) * positions) + (row % positions)] = product[row * perGroup + output];
        }
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    private static int Count(long[] shape) => (int)shape.Aggregate(1L, (product, dimension) => product * dimension);
}
