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
        ReadOnlySpan<float> input, (int N, int C, int H, int W) shape, ConvolutionGeometry geometry, int group, SpanVisitor visit) =>
        Unfold(input, [], shape, geometry, group, (rows, _) => visit(rows));

    /// <summary>The same for two inputs of one shape; both slices of a visit are of the same positions.</summary>
    /// <param name="first">[N, C, H, W].</param>
    /// <param name="second">[N, C, H, W], or empty: its slices are empty then.</param>
    /// <param name="shape">N, C, H, W.</param>
    /// <param name="geometry">The convolution.</param>
    /// <param name="group">Which channel group.</param>
    /// <param name="visit">Takes rows of each.</param>
    public static void Unfold(
        ReadOnlySpan<float> first, ReadOnlySpan<float> second, (int N, int C, int H, int W) shape,
        ConvolutionGeometry geometry, int group, SpanPairVisitor visit)
    {
        var outHeight = geometry.Along(shape.H, geometry.KernelHeight, geometry.StrideHeight, geometry.DilationHeight, geometry.Top, geometry.Bottom).Outputs;
        var outWidth = geometry.Along(shape.W, geometry.KernelWidth, geometry.StrideWidth, geometry.DilationWidth, geometry.Left, geometry.Right).Outputs;
        var features = shape.C / geometry.Groups * geometry.KernelHeight * geometry.KernelWidth;
        var lines = Math.Max(1, 512 / Math.Max(1, outWidth));
        var firstRows = new float[lines * outWidth * features];
        var secondRows = second.IsEmpty ? [] : new float[firstRows.Length];
        for (var image = 0; image < shape.N; image++)
        {
            for (var line = 0; line < outHeight; line += lines)
            {
                var length = Math.Min(lines, outHeight - line) * outWidth * features;
                if (length == 0)
                    continue;
                FillSlice(first, shape, geometry, group, image, line, outWidth, firstRows.AsSpan(0, length));
                if (!second.IsEmpty)
                    FillSlice(second, shape, geometry, group, image, line, outWidth, secondRows.AsSpan(0, length));
                visit(firstRows.AsSpan(0, length), second.IsEmpty ? [] : secondRows.AsSpan(0, length));
            }
        }
    }

    private static void FillSlice(
        ReadOnlySpan<float> input, (int N, int C, int H, int W) shape, ConvolutionGeometry geometry, int group,
        int image, int firstLine, int outWidth, Span<float> rows)
    {
        var channels = shape.C / geometry.Groups;
        var top = geometry.Along(shape.H, geometry.KernelHeight, geometry.StrideHeight, geometry.DilationHeight, geometry.Top, geometry.Bottom).Before;
        var left = geometry.Along(shape.W, geometry.KernelWidth, geometry.StrideWidth, geometry.DilationWidth, geometry.Left, geometry.Right).Before;
        var lineLength = outWidth * channels * geometry.KernelHeight * geometry.KernelWidth;
        rows.Clear();
        for (var line = 0; line < rows.Length / lineLength; line++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                var plane = input.Slice(((image * shape.C) + (group * channels) + channel) * shape.H * shape.W, shape.H * shape.W);
                FillLine(plane, shape.H, shape.W, geometry, ((firstLine + line) * geometry.StrideHeight) - top, left, outWidth,
                    rows.Slice(line * lineLength), channel, channels);
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

/// <summary>Takes rows of two inputs that are valid only during the call.</summary>
public delegate void SpanPairVisitor(ReadOnlySpan<float> first, ReadOnlySpan<float> second);
