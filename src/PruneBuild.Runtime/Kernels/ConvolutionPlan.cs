using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// A convolution of images of one size as products of rows: the row of an output position starts at a place in the padded
/// channels-last image, and a table says where behind it each unit of the kernel's inputs lies.
/// </summary>
internal sealed unsafe class ConvolutionPlan
{
    /// <summary>Elements of a padded image that a plan accepts: offsets are 32-bit, and scratch of floats is one array.</summary>
    private const long MostElements = 1 << 28;

    /// <summary>Positions taken as a line where all positions are evenly spaced and lines could be cut anywhere.</summary>
    private const int EvenLine = 64;

    private readonly int[] offsets;

    /// <param name="window">The attributes.</param>
    /// <param name="channels">Input channels, a multiple of <paramref name="inputsPerUnit"/>.</param>
    /// <param name="inputsPerUnit">Channels that a kernel reads together.</param>
    /// <param name="height">Input rows; 1 for one spatial axis.</param>
    /// <param name="width">Input columns.</param>
    /// <exception cref="ArgumentException">The kernel does not fit in the padded image, or the image is too large.</exception>
    public ConvolutionPlan(ConvolutionWindow window, int channels, int inputsPerUnit, long height, long width)
    {
        var (rows, columns) = (window.Rows, window.Columns);
        if (height > MostElements || width > MostElements || rows.Outputs(height) < 1 || columns.Outputs(width) < 1)
            throw new ArgumentException($"A kernel of {rows.Kernel} x {columns.Kernel} does not fit in an image of {height} x {width}.");
        if (rows.Padded(height) > MostElements / channels / columns.Padded(width) || rows.Outputs(height) > MostElements / columns.Outputs(width))
            throw new ArgumentException($"An image of {channels} x {height} x {width} is more than one convolution takes.");
        Window = window;
        Channels = channels;
        (Height, Width) = ((int)height, (int)width);
        (PaddedHeight, PaddedWidth) = ((int)rows.Padded(height), (int)columns.Padded(width));
        (OutputHeight, OutputWidth) = ((int)rows.Outputs(height), (int)columns.Outputs(width));

        var lineStride = (nint)rows.Stride * PaddedWidth * channels;
        PositionStride = OutputWidth > 1 ? (nint)columns.Stride * channels : lineStride;
        IsEven = OutputHeight == 1 || OutputWidth * PositionStride == lineStride;
        LineLength = IsEven ? Math.Min(Positions, EvenLine) : OutputWidth;
        LineStride = IsEven ? LineLength * PositionStride : lineStride;
        Lines = (Positions + LineLength - 1) / LineLength;

        offsets = GC.AllocateUninitializedArray<int>(window.KernelPositions * channels / inputsPerUnit, pinned: true);
        for (var unit = 0; unit < offsets.Length; unit++)
        {
            var (position, channel) = Math.DivRem(unit * inputsPerUnit, channels);
            var (row, column) = Math.DivRem(position, columns.Kernel);
            offsets[unit] = (row * rows.Dilation * PaddedWidth + column * columns.Dilation) * channels + channel;
        }
    }

    public ConvolutionWindow Window { get; }

    public int Channels { get; }

    public int Height { get; }

    public int Width { get; }

    public int PaddedHeight { get; }

    public int PaddedWidth { get; }

    /// <summary>Elements of a padded image.</summary>
    public nint PaddedElements => (nint)PaddedHeight * PaddedWidth * Channels;

    public int OutputHeight { get; }

    public int OutputWidth { get; }

    /// <summary>Outputs of one channel.</summary>
    public int Positions => OutputHeight * OutputWidth;

    /// <summary>Whether a line goes on where the one before ends, so that one call takes any stretch of positions.</summary>
    public bool IsEven { get; }

    /// <summary>Positions of a line of rows; the last line may have fewer.</summary>
    public int LineLength { get; }

    public int Lines { get; }

    /// <summary>Elements between the rows of neighbouring positions of a line.</summary>
    public nint PositionStride { get; }

    /// <summary>Elements between the first rows of neighbouring lines.</summary>
    public nint LineStride { get; }

    /// <summary>Elements from a row's start to each unit; lives as long as the plan.</summary>
    public int* Offsets => (int*)Marshal.UnsafeAddrOfPinnedArrayElement(offsets, 0);

    /// <summary>The number of rows that a kernel gets at once.</summary>
    public int RowsPerCall => IsEven ? Positions : OutputWidth;
}
