using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Statistics;

/// <summary>
/// How a convolution of one or two spatial dimensions walks its input (ONNX operator Conv); one dimension is taken as height 1.
/// </summary>
/// <param name="KernelHeight">Kernel rows.</param>
/// <param name="KernelWidth">Kernel columns.</param>
/// <param name="StrideHeight">Step down.</param>
/// <param name="StrideWidth">Step right.</param>
/// <param name="DilationHeight">Distance between kernel rows.</param>
/// <param name="DilationWidth">Distance between kernel columns.</param>
/// <param name="Top">Padding above.</param>
/// <param name="Left">Padding at the left.</param>
/// <param name="Bottom">Padding below.</param>
/// <param name="Right">Padding at the right.</param>
/// <param name="Groups">Channel groups.</param>
/// <param name="AutoPad">NOTSET, VALID, SAME_UPPER or SAME_LOWER; anything but NOTSET replaces the four paddings.</param>
public sealed record ConvolutionGeometry(
    int KernelHeight, int KernelWidth,
    int StrideHeight = 1, int StrideWidth = 1,
    int DilationHeight = 1, int DilationWidth = 1,
    int Top = 0, int Left = 0, int Bottom = 0, int Right = 0,
    int Groups = 1, string AutoPad = "NOTSET")
{
    /// <summary>The geometry of a Conv node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="weightShape">[Cout, Cin/group, kernel...].</param>
    /// <returns>Null for more than two spatial dimensions.</returns>
    public static ConvolutionGeometry? Of(NodeProto node, IReadOnlyList<long> weightShape)
    {
        var spatial = weightShape.Count - 2;
        if (spatial is not (1 or 2))
            return null;
        var ones = Enumerable.Repeat(1L, spatial).ToArray();
        var strides = node.GetInts("strides", ones);
        var dilations = node.GetInts("dilations", ones);
        var pads = node.GetInts("pads", new long[2 * spatial]);
        if (strides.Count != spatial || dilations.Count != spatial || pads.Count != 2 * spatial)
            return null;
        int At(IReadOnlyList<long> values, int fromEnd, int missing) =>
            fromEnd <= spatial ? checked((int)values[spatial - fromEnd]) : missing;
        return new ConvolutionGeometry(
            At([.. weightShape.Skip(2)], 2, 1), At([.. weightShape.Skip(2)], 1, 1),
            At(strides, 2, 1), At(strides, 1, 1),
            At(dilations, 2, 1), At(dilations, 1, 1),
            At([.. pads.Take(spatial)], 2, 0), At([.. pads.Take(spatial)], 1, 0),
            At([.. pads.Skip(spatial)], 2, 0), At([.. pads.Skip(spatial)], 1, 0),
            checked((int)node.GetInt("group", 1)), node.GetText("auto_pad", "NOTSET"));
    }

    /// <summary>Output rows or columns and the padding before them.</summary>
    internal (int Outputs, int Before) Along(int size, int kernel, int stride, int dilation, int before, int after)
    {
        var reach = (dilation * (kernel - 1)) + 1;
        switch (AutoPad)
        {
            case "VALID":
                return (size < reach ? 0 : ((size - reach) / stride) + 1, 0);
            case "SAME_UPPER" or "SAME_LOWER":
                var outputs = (size + stride - 1) / stride;
                var padding = Math.Max(0, ((outputs - 1) * stride) + reach - size);
                return (outputs, AutoPad == "SAME_UPPER" ? padding / 2 : (padding + 1) / 2);
            default:
                var room = size + before + after - reach;
                return (room < 0 ? 0 : (room / stride) + 1, before);
        }
    }
}
