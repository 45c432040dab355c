using PruneBuild.Compression.Statistics;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>What convolution and pooling share: one dimension is taken as a plane of height 1, and uneven padding is made explicit.</summary>
internal static class SpatialWindow
{
    /// <summary>[N, C, W] as [N, C, 1, W].</summary>
    public static torch.Tensor AsPlane(torch.Tensor x) => x.shape.Length == 3 ? x.unsqueeze(2) : x;

    /// <summary>
    /// The same values with the channels of a pixel side by side in memory: libtorch convolves those without packing them first, and
    /// what it makes of them, elementwise functions too, is laid out alike.
    /// </summary>
    public static torch.Tensor ChannelsLast(torch.Tensor plane) => plane.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>Undoes <see cref="AsPlane"/> on a result.</summary>
    public static torch.Tensor LikeInput(torch.Tensor y, torch.Tensor x) => x.shape.Length == 3 ? y.squeeze(2) : y;

    /// <summary>Pads explicitly what libtorch cannot pad itself, and returns the even padding [height, width] left to it.</summary>
    public static (torch.Tensor Padded, long[] Padding) Pad(torch.Tensor x, ConvolutionGeometry geometry, double value)
    {
        var (top, bottom, left, right) = Margins(x, geometry);
        return top == bottom && left == right
            ? (x, [top, left])
            : (torch.nn.functional.pad(x, new[] { left, right, top, bottom }, value: value), [0, 0]);
    }

    /// <summary>The padding around [N, C, H, W]; <paramref name="ceiling"/> lets the last window reach over the edge.</summary>
    public static (long Top, long Bottom, long Left, long Right) Margins(torch.Tensor x, ConvolutionGeometry geometry, bool ceiling = false)
    {
        var g = geometry;
        var (top, bottom) = Margin((int)x.shape[2], g.KernelHeight, g.StrideHeight, g.DilationHeight, g.Top, g.Bottom, g, ceiling);
        var (left, right) = Margin((int)x.shape[3], g.KernelWidth, g.StrideWidth, g.DilationWidth, g.Left, g.Right, g, ceiling);
        return (top, bottom, left, right);
    }

    private static (long Before, long After) Margin(
        int size, int kernel, int stride, int dilation, int before, int after, ConvolutionGeometry geometry, bool ceiling)
    {
        var reach = (dilation * (kernel - 1)) + 1;
        if (geometry.AutoPad is "NOTSET")
        {
            if (!ceiling)
                return (before, after);
            var outputs = ((size + before + after - reach + stride - 1) / stride) + 1;
            // A window that would start in the padding behind the input does not count (ONNX operator MaxPool, opset 22).
            if ((outputs - 1) * stride >= size + before)
                outputs--;
            return (before, Math.Max(after, ((outputs - 1) * stride) + reach - size - before));
        }
        var (count, start) = geometry.Along(size, kernel, stride, dilation, before, after);
        return (start, Math.Max(0, ((count - 1) * stride) + reach - size - start));
    }
}
