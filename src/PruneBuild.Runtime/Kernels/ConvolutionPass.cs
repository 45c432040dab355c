using System.Buffers;

namespace PruneBuild.Runtime;

/// <summary>
/// Some images on their way through a <see cref="SparseConvolution"/>, in three steps, each of independent parts. What a part
/// covers follows from sizes alone, so that results do not depend on the number of threads.
/// </summary>
internal unsafe struct ConvolutionPass
{
    private const int Alignment = 64;

    private readonly delegate*<SparseJob*, int, int, int, int, void> convolve;
    private readonly SparseJob bound;
    private readonly nint positionStride;
    private readonly nint lineStride;
    private readonly nint paddedElements;
    private readonly int channels;
    private readonly int height;
    private readonly int width;
    private readonly int paddedHeight;
    private readonly int paddedWidth;
    private readonly int top;
    private readonly int left;
    private readonly int positions;
    private readonly int lines;
    private readonly int lineLength;
    private readonly bool isEven;

    private int* magnitudes;
    private float* scales;
    private float* inverses;
    private float* bias;
    private byte* padded;

    public ConvolutionPass(SparseJob bound, ConvolutionPlan plan, SparseEpilogue epilogue, SparseKernel kernel)
    {
        bound.Offsets = plan.Offsets;
        bound.Bias = epilogue.Bias;
        bound.Relu = epilogue.IsFusedRelu;
        this.bound = bound;
        convolve = kernel.Convolve;
        (positionStride, lineStride, paddedElements) = (plan.PositionStride, plan.LineStride, plan.PaddedElements);
        (channels, height, width, paddedHeight, paddedWidth) = (plan.Channels, plan.Height, plan.Width, plan.PaddedHeight, plan.PaddedWidth);
        (top, left) = (plan.Window.Rows.Before, plan.Window.Columns.Before);
        (positions, lines, lineLength, isEven) = (plan.Positions, plan.Lines, plan.LineLength, plan.IsEven);
    }

    public bool IsQuantized { get; init; }

    /// <summary>Outputs of a group.</summary>
    public int Lanes { get; init; }

    public int* Bounds { get; init; }

    /// <summary>Parts that the groups of a line are divided into.</summary>
    public int GroupParts { get; init; }

    /// <summary>Lines of a padded image that one part prepares.</summary>
    public int PrepareLines { get; init; }

    /// <summary>Lines of output positions that one part multiplies.</summary>
    public int MultiplyLines { get; set; }

    public int Images { get; set; }

    public float* X { get; set; }

    public float* Y { get; set; }

    public SparseEpilogue Epilogue { get; set; }

    /// <summary>Parts of <see cref="Measure"/> and <see cref="Prepare"/> for one image.</summary>
    public readonly int PrepareParts => (paddedHeight + PrepareLines - 1) / PrepareLines;

    /// <summary>Parts of <see cref="Multiply"/> for one image.</summary>
    public readonly int MultiplyParts => (lines + MultiplyLines - 1) / MultiplyLines * GroupParts;

    /// <summary>Scratch beside the padded images.</summary>
    public static nint ScratchBytes(int images, int prepareParts, int paddedOutputs) =>
        2 * Alignment + (nint)images * (prepareParts * sizeof(int) + 2 * sizeof(float)) + (nint)paddedOutputs * sizeof(float);

    /// <summary>Divides the scratch, and copies a bias that ends within a group, for kernels store whole groups.</summary>
    public void Lend(byte* scratch, int images, int paddedOutputs)
    {
        magnitudes = (int*)(((nint)scratch + Alignment - 1) / Alignment * Alignment);
        scales = (float*)(magnitudes + images * PrepareParts);
        inverses = scales + images;
        bias = inverses + images;
        padded = (byte*)(((nint)(bias + paddedOutputs) + Alignment - 1) / Alignment * Alignment);
        if (bound.Bias == null)
        {
            bias = null;
            return;
        }

        new Span<float>(bias, paddedOutputs).Clear();
        new Span<float>(bound.Bias, bound.Outputs).CopyTo(new(bias, paddedOutputs));
    }

    /// <summary>The largest magnitude of a stretch of an image.</summary>
    public readonly void Measure(int part)
    {
        var (image, stretch) = Math.DivRem(part, PrepareParts);
        var elements = (long)channels * height * width;
        var (first, end) = (elements * stretch / PrepareParts, elements * (stretch + 1) / PrepareParts);
        magnitudes[part] = ActivationQuantizer.LargestMagnitude(X + image * (nint)elements + (nint)first, (int)(end - first));
    }

    /// <summary>One scale for each image, NaN for one that is not finite.</summary>
    public readonly void SetScales()
    {
        for (var image = 0; image < Images; image++)
        {
            var magnitude = 0;
            for (var part = 0; part < PrepareParts; part++)
                magnitude = Math.Max(magnitude, magnitudes[image * PrepareParts + part]);
            var isFinite = ActivationQuantizer.Scale(magnitude, out var scale, out inverses[image]);
            scales[image] = isFinite ? scale : float.NaN;
        }
    }

    /// <summary>Copies some lines of an image into the padded, channels-last one.</summary>
    public readonly void Prepare(int part)
    {
        var (image, stretch) = Math.DivRem(part, PrepareParts);
        if (float.IsNaN(scales[image]))
            return;
        var line = stretch * PrepareLines;
        var lineEnd = Math.Min(paddedHeight, line + PrepareLines);
        var isUnpadded = paddedWidth == width;
        while (line < lineEnd)
        {
            var target = image * paddedElements + (nint)line * paddedWidth * channels;
            var row = line - top;
            if (row < 0 || row >= height)
            {
                Pad(target, paddedWidth);
                line++;
                continue;
            }

            // Without padding at the sides lines follow each other, and short ones are better copied together.
            var count = isUnpadded ? Math.Min(lineEnd - line, height - row) : 1;
            Pad(target, left);
            Copy(image, row, count * width, target + (nint)left * channels);
            Pad(target + (nint)(left + width) * channels, isUnpadded ? 0 : paddedWidth - left - width);
            line += count;
        }
    }

    /// <summary>Some groups of outputs at some lines of an image.</summary>
    public readonly void Multiply(int part)
    {
        var (image, rest) = Math.DivRem(part, MultiplyParts);
        var (stretch, groupPart) = Math.DivRem(rest, GroupParts);
        var (group, groupEnd) = (Bounds[groupPart * GroupPartition.MaxParts / GroupParts], Bounds[(groupPart + 1) * GroupPartition.MaxParts / GroupParts]);
        if (group == groupEnd)
            return;
        var line = stretch * MultiplyLines;
        var position = line * lineLength;
        var count = Math.Min(positions, Math.Min(lines, line + MultiplyLines) * lineLength) - position;
        var firstOutput = group * Lanes;
        var outputs = Math.Min(bound.Outputs, groupEnd * Lanes) - firstOutput;
        var y = Y + ((nint)image * bound.Outputs + firstOutput) * positions + position;
        if (float.IsNaN(scales[image]))
        {
            for (var output = 0; output < outputs; output++)
                new Span<float>(y + (nint)output * positions, count).Fill(float.NaN);
            return;
        }

        var stride = (groupEnd - group) * Lanes;
        var rowsPerCall = isEven ? count : lineLength;
        var scratch = ArrayPool<float>.Shared.Rent(checked(count * stride + rowsPerCall));
        fixed (float* results = scratch)
        {
            new Span<float>(results + count * stride, rowsPerCall).Fill(scales[image]);
            var job = bound;
            job.Bias = bias;
            job.RowScales = results + count * stride;
            job.QuantizedStride = job.XStride = positionStride;
            job.YStride = stride;
            for (var done = 0; done < count; done += rowsPerCall, line++)
            {
                var start = image * paddedElements + line * lineStride;
                job.Quantized = padded + start;
                job.X = (float*)padded + start;
                job.Y = results + done * stride - firstOutput;
                convolve(&job, 0, rowsPerCall, group, groupEnd);
            }

            ChannelsLast.Transpose(results, stride, count, outputs, y, positions);
        }

        ArrayPool<float>.Shared.Return(scratch);
        for (var output = 0; output < outputs; output++)
        {
            var row = image * bound.Outputs + firstOutput + output;
            Epilogue.Finish(Y, positions, row, row + 1, position, count);
        }
    }

    private readonly void Copy(int image, int row, int count, nint target)
    {
        var plane = (nint)height * width;
        var source = X + image * plane * channels + (nint)row * width;
        if (IsQuantized)
            ChannelsLast.Quantize(source, plane, channels, count, inverses[image], padded + target);
        else
            ChannelsLast.Transpose(source, plane, channels, count, (float*)padded + target, channels);
    }

    private readonly void Pad(nint target, int count)
    {
        if (IsQuantized)
            new Span<byte>(padded + target, count * channels).Fill(ActivationQuantizer.ZeroPoint);
        else
            new Span<float>((float*)padded + target, count * channels).Clear();
    }
}
