using PruneBuild.Compression.Statistics;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Conv of one or two spatial dimensions, with groups, dilation, uneven and automatic padding.</summary>
internal sealed class Convolution : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Conv"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var (x, weight) = (call[0], call[1]);
        var geometry = ConvolutionGeometry.Of(call.Node, weight.shape) ?? throw call.Unsupported($"a kernel of shape [{string.Join(", ", weight.shape)}]");
        var (padded, padding) = SpatialWindow.Pad(SpatialWindow.ChannelsLast(SpatialWindow.AsPlane(x)), geometry, 0);
        var y = torch.nn.functional.conv2d(
            padded, SpatialWindow.ChannelsLast(SpatialWindow.AsPlane(weight)), call.Optional(2), [geometry.StrideHeight, geometry.StrideWidth], padding,
            [geometry.DilationHeight, geometry.DilationWidth], geometry.Groups);
        return [SpatialWindow.LikeInput(y, x)];
    }
}
