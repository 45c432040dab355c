namespace PruneBuild.Compression.Statistics;

/// <summary>Unfolds a convolution's input into the rows that its flattened weight multiplies.</summary>
public static class Im2Col
{
    /// <summary>
    /// Visits the rows of one channel group in slices of whole output lines, so that a batch is never held unfolded.
    /// </summary>
    /// <param name="input">[N, C, H, W]; a one-dimensional convolution has H = 1.</param>
    /// <param name="shape">N, C, H, W.</param>
    /// <param name="geometry">The convolution.</param>
    /// <param name="group">Which channel group.</param>
    /// <param name="visit">Takes rows [positions, kernel height x kernel width x C / groups]: the columns of <see cref="Graph.WeightSite"/>.</param>
    public static void Unfold(
        ReadOnlySpan<float> input, (int N, int C, int H, int W) shape, ConvolutionGeometry geometry, int group, SpanVisitor visit)
    {
        var channels = shape.C / geometry.Groups;
        var (outHeight, top) = geometry.Along(shape.H, geometry.KernelHeight, geometry.StrideHeight, geometry.DilationHeight, geometry.Top, geometry.Bottom);
        var (outWidth, left) = geometry.Along(shape.W, geometry.KernelWidth, geometry.StrideWidth, geometry.DilationWidth, geometry.Left, geometry.Right);
        var features = channels * geometry.KernelHeight * geometry.KernelWidth;
        var lines = Math.Max(1, 512 / Math.Max(1, outWidth));
        var rows = new float[lines * outWidth * features];
        for (var image = 0; image < shape.N; image++)
        {
            for (var first = 0; first < outHeight; first += lines)
            {
                var count = Math.Min(lines, outHeight - first);
                var filled = rows.AsSpan(0, count * outWidth * features);
                filled.Clear();
                for (var line = 0; line < count; line++)
                {
                    for (var channel = 0; channel < channels; channel++)
                    {
                        var plane = input.Slice(((image * shape.C) + (group * channels) + channel) * shape.H * shape.W, shape.H * shape.W);
                        FillLine(plane, shape.H, shape.W, geometry, ((first + line) * geometry.StrideHeight) - top, left, outWidth,
                            filled.Slice(line * outWidth * features), channel, channels);
                    }
                }
                if (filled.Length > 0)
                    visit(filled);
            }
        }
    }

    private static void FillLine(
        ReadOnlySpan<float> plane, int height, int width, ConvolutionGeometry geometry, int firstRow, int left, int outWidth,
        Span<float> rows, int channel, int channels)
    {
        var features = geometry.KernelHeight * geometry.KernelWidth * channels;
        for (var kernelRow = 0; kernelRow < geometry.KernelHeight; kernelRow++)
        {
            var y = firstRow + (kernelRow * geometry.DilationHeight);
            if ((uint)y >= (uint)height)
                continue;
            for (var kernelColumn = 0; kernelColumn < geometry.KernelWidth; kernelColumn++)
            {
                var feature = (((kernelRow * geometry.KernelWidth) + kernelColumn) * channels) + channel;
                for (var column = 0; column < outWidth; column++)
                {
                    var x = (column * geometry.StrideWidth) - left + (kernelColumn * geometry.DilationWidth);
                    if ((uint)x < (uint)width)
                        rows[(column * features) + feature] = plane[(y * width) + x];
                }
            }
        }
    }
}

/// <summary>Takes rows of floats that are valid only during the call.</summary>
public delegate void SpanVisitor(ReadOnlySpan<float> rows);
