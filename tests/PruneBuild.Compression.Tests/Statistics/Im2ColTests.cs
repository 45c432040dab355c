using PruneBuild.Compression.Statistics;

namespace PruneBuild.Compression.Tests.Statistics;

public sealed class Im2ColTests
{
    [Theory]
    [InlineData(3, 3, 1, 1, 1, 1, "NOTSET")]
    [InlineData(3, 3, 2, 1, 1, 1, "NOTSET")]
    [InlineData(3, 2, 1, 2, 0, 1, "NOTSET")]
    [InlineData(1, 1, 2, 1, 0, 1, "NOTSET")]
    [InlineData(3, 3, 1, 1, 1, 2, "NOTSET")]
    [InlineData(3, 3, 2, 1, 0, 1, "SAME_UPPER")]
    [InlineData(2, 2, 1, 1, 0, 1, "SAME_LOWER")]
    [InlineData(3, 3, 2, 1, 0, 4, "VALID")]
    public void Rows_times_the_flat_weight_are_the_convolution_of_ONNX_Runtime(
        int kernelHeight, int kernelWidth, int stride, int dilation, int pad, int groups, string autoPad)
    {
        var (images, channels, height, width, outputs) = (2, 4, 9, 7, 8);
        var features = channels / groups * kernelHeight * kernelWidth;
        var weight = TestModels.Random(1, outputs * features);
        var data = TestModels.Random(2, images * channels * height * width);
        var attributes = new List<(string, object)>
        {
            ("strides", new long[] { stride, stride }), ("dilations", new long[] { dilation, dilation }), ("group", (long)groups),
        };
        attributes.Add(autoPad == "NOTSET" ? ("pads", new long[] { pad, 0, pad + 1, pad }) : ("auto_pad", autoPad));
        using var model = TestModels.Model(
            [TestModels.Node("Conv", ["x", "w"], "y", [.. attributes])], [("x", [images, channels, height, width])], ["y"],
            [("w", [outputs, channels / groups, kernelHeight, kernelWidth], weight)]);
        var expected = TestModels.Run(model, "x", data, [images, channels, height, width], "y");

        var geometry = ConvolutionGeometry.Of(model.Graph.Node[0], model.Weights["w"].Shape)!;
        var actual = new double[expected.Length];
        var positions = expected.Length / images / outputs;
        for (var group = 0; group < groups; group++)
        {
            var rows = new List<float>();
            Im2Col.Unfold(data, (images, channels, height, width), geometry, group, slice => rows.AddRange(slice));
            var perGroup = outputs / groups;
            var product = TestModels.Product([.. rows], weight[(group * perGroup * features)..((group + 1) * perGroup * features)], features);
            for (var row = 0; row < images * positions; row++)
                for (var output = 0; output < perGroup; output++)
                    actual[(((row / positions * outputs) + (group * perGroup) + output) * positions) + (row % positions)] = product[row * perGroup + output];
        }
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
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
}
