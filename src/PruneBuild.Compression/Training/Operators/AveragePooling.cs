using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>AveragePool of one or two spatial dimensions.</summary>
internal sealed class AveragePooling : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["AveragePool"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var (node, x) = (call.Node, call[0]);
        var geometry = ConvolutionGeometry.Of(node, [1, 1, .. node.GetInts("kernel_shape", [])])
            ?? throw call.Unsupported("kernels of other than one or two dimensions");
        var (ceiling, withPadding) = (node.GetInt("ceil_mode", 0) == 1, node.GetInt("count_include_pad", 0) == 1);
        if (geometry.DilationHeight > 1 || geometry.DilationWidth > 1)
            throw call.Unsupported("dilations");
        if (ceiling && withPadding)
            throw call.Unsupported("ceil_mode together with count_include_pad");
        var plane = SpatialWindow.AsPlane(x);
        var (top, bottom, left, right) = SpatialWindow.Margins(plane, geometry, ceiling);
        if (top + bottom + left + right == 0)
            return [SpatialWindow.LikeInput(Average(plane, geometry), x)];
        var margins = new[] { left, right, top, bottom };
        var y = Average(torch.nn.functional.pad(plane, margins), geometry);
        if (!withPadding)
        {
            var inside = torch.ones([1, 1, plane.shape[2], plane.shape[3]], dtype: x.dtype);
            y = y / Average(torch.nn.functional.pad(inside, margins), geometry);
        }
        return [SpatialWindow.LikeInput(y, x)];
    }

    private static torch.Tensor Average(torch.Tensor plane, ConvolutionGeometry geometry) => torch.nn.functional.avg_pool2d(
        plane, new long[] { geometry.KernelHeight, geometry.KernelWidth }, [geometry.StrideHeight, geometry.StrideWidth]);
}
