namespace PruneBuild.Runtime;

/// <summary>How a kernel lies on an image along one axis.</summary>
/// <param name="Kernel">Positions of the kernel.</param>
/// <param name="Stride">Input positions between two outputs.</param>
/// <param name="Before">Zeros before the input.</param>
/// <param name="After">Zeros behind it.</param>
/// <param name="Dilation">Input positions between two positions of the kernel.</param>
internal readonly record struct ConvolutionAxis(int Kernel, int Stride, int Before, int After, int Dilation)
{
    /// <summary>The input with its padding.</summary>
    public long Padded(long size) => size + Before + After;

    /// <summary>Outputs along the axis; below 1 when the kernel does not fit.</summary>
    public long Outputs(long size) => (Padded(size) - ((long)Dilation * (Kernel - 1) + 1) + Stride) / Stride;
}

/// <summary>The attributes of a convolution (ONNX operator Conv, group 1), with one or two spatial axes.</summary>
/// <param name="Rows">The vertical axis; of a convolution with one axis, a kernel of one row.</param>
/// <param name="Columns">The horizontal axis.</param>
/// <param name="SpatialRank">1 or 2.</param>
internal sealed record ConvolutionWindow(ConvolutionAxis Rows, ConvolutionAxis Columns, int SpatialRank)
{
    /// <summary>Larger values serve no image and would overflow products of sizes.</summary>
    private const long Most = 1 << 20;

    /// <summary>Positions of the kernel.</summary>
    public int KernelPositions => Rows.Kernel * Columns.Kernel;

    /// <summary>Checks the attributes as they stand in a node.</summary>
    /// <param name="kernel">One size for each axis.</param>
    /// <param name="strides">One for each axis; empty for ones.</param>
    /// <param name="pads">All beginnings, then all ends, as ONNX orders them; empty for zeros.</param>
    /// <param name="dilations">One for each axis; empty for ones.</param>
    /// <exception cref="InvalidDataException">A list has the wrong length or a value out of range.</exception>
    public static ConvolutionWindow Parse(long[] kernel, long[] strides, long[] pads, long[] dilations)
    {
        var rank = kernel.Length;
        if (rank is not (1 or 2))
            throw new InvalidDataException($"kernel_shape has {rank} sizes; 1 or 2 are possible.");
        strides = Check("strides", strides, rank, least: 1);
        dilations = Check("dilations", dilations, rank, least: 1);
        pads = Check("pads", pads, 2 * rank, least: 0);
        Check("kernel_shape", kernel, rank, least: 1);
        if (kernel.Aggregate(1L, (product, size) => product * size) > Most)
            throw new InvalidDataException($"kernel_shape has more than {Most} positions.");
        var axes = new ConvolutionAxis[rank];
        for (var axis = 0; axis < rank; axis++)
            axes[axis] = new((int)kernel[axis], (int)strides[axis], (int)pads[axis], (int)pads[axis + rank], (int)dilations[axis]);
        return new(rank == 2 ? axes[0] : new(1, 1, 0, 0, 1), axes[^1], rank);
    }

    private static long[] Check(string name, long[] values, int count, long least)
    {
        if (values.Length == 0)
            values = [.. Enumerable.Repeat(least, count)];
        if (values.Length != count || values.Any(value => value < least || value > Most))
            throw new InvalidDataException($"{name} must hold {count} values of {least} to {Most}; it is [{string.Join(", ", values)}].");
        return values;
    }
}
