using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>MaxPool of one or two spatial dimensions, without its indices output.</summary>
internal sealed class MaxPooling : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["MaxPool"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        if (call.Node.Output.Count > 1 && call.Node.Output[1].Length > 0)
            throw call.Unsupported("the indices output");
        var (node, x) = (call.Node, call[0]);
        var geometry = ConvolutionGeometry.Of(node, [1, 1, .. node.GetInts("kernel_shape", [])])
            ?? throw call.Unsupported("kernels of other than one or two dimensions");
        var plane = SpatialWindow.AsPlane(x);
        var (top, bottom, left, right) = SpatialWindow.Margins(plane, geometry, node.GetInt("ceil_mode", 0) == 1);
        // libtorch pads at most half a kernel, and evenly.
        if (top + bottom + left + right > 0)
            plane = torch.nn.functional.pad(plane, new[] { left, right, top, bottom }, value: double.NegativeInfinity);
        var y = torch.nn.functional.max_pool2d(
            plane, new long[] { geometry.KernelHeight, geometry.KernelWidth }, [geometry.StrideHeight, geometry.StrideWidth], [0, 0],
            [geometry.DilationHeight, geometry.DilationWidth]);
        return [SpatialWindow.LikeInput(y, x)];
    }
}
