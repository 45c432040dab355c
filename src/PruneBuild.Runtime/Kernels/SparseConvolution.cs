using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// A convolution by a packed weight matrix [output channels, kernel positions · input channels], the channel innermost. Images
/// are copied, padded, into channels-last order, quantized where the format quantizes (one scale for an image); the kernels of
/// the matrix product then find the inputs of each output position through a table. Safe for concurrent use.
/// </summary>
internal sealed unsafe class SparseConvolution
{
    /// <summary>Padded images that are prepared together: enough to divide small images among threads.</summary>
    private const nint BytesPerPass = 4 * 1024 * 1024;

    /// <summary>Activations that one part of the preparation copies.</summary>
    private const nint ElementsPerPart = 64 * 1024;

    /// <summary>Weights of one part should stay in the L2 cache while all its lines pass over them.</summary>
    private const int WeightBytesPerPart = 128 * 1024;

    /// <summary>Results of one part that wait, channels last, to be transposed.</summary>
    private const int ResultBytesPerPart = 64 * 1024;

    private readonly SparseMatrix matrix;
    private readonly ConvolutionWindow window;
    private readonly int channels;
    private ConvolutionPlan? latest;

    /// <exception cref="InvalidDataException">The format cannot convolve, or the matrix does not fit the window.</exception>
    public SparseConvolution(SparseMatrix matrix, ConvolutionWindow window)
    {
        var (packed, format) = (matrix.Packed, matrix.Packed.Format);
        if (matrix.ConvolutionKernelFor(int.MaxValue) is null || matrix.ConvolutionKernelFor(1) is null)
            throw new InvalidDataException($"The format '{format.Name}' has no kernels for convolutions.");
        if (packed.Inputs % window.KernelPositions != 0)
            throw new InvalidDataException($"K={packed.Inputs} is not a multiple of the {window.KernelPositions} positions of the kernel.");
        channels = packed.Inputs / window.KernelPositions;
        if (channels % format.InputsPerUnit != 0)
            throw new InvalidDataException($"The format '{format.Name}' convolves multiples of {format.InputsPerUnit} channels; the weights have {channels}.");
        (this.matrix, this.window) = (matrix, window);
    }

    /// <summary>Input channels.</summary>
    public int Channels => channels;

    /// <summary>What follows from the size of the images; kept for the next call.</summary>
    /// <exception cref="ArgumentException">The kernel does not fit in the padded image, or the image is too large.</exception>
    public ConvolutionPlan Plan(long height, long width)
    {
        var plan = Volatile.Read(ref latest);
        if (plan?.Height != height || plan.Width != width)
            Volatile.Write(ref latest, plan = new(window, channels, matrix.Packed.Format.InputsPerUnit, height, width));
        return plan;
    }

    /// <summary>y = act(conv(x) + bias + residual). An image of x with a NaN or an infinity gives NaN throughout.</summary>
    /// <param name="plan">A plan of this convolution.</param>
    /// <param name="x">[images, channels, height, width].</param>
    /// <param name="images">Images of x and y.</param>
    /// <param name="epilogue">What follows; a row of its residual is one channel of one image.</param>
    /// <param name="y">[images, outputs, height, width] of the output, written; must not overlap x or the residual.</param>
    /// <param name="loop">Where parts run when there is enough work.</param>
    public void Convolve<TLoop>(ConvolutionPlan plan, float* x, int images, SparseEpilogue epilogue, float* y, TLoop loop) where TLoop : struct, IParallelLoop
    {
        var (packed, format) = (matrix.Packed, matrix.Packed.Format);
        var elementBytes = format.QuantizesActivations ? 1 : sizeof(float);
        var imagesPerPass = (int)Math.Clamp(BytesPerPass / (plan.PaddedElements * elementBytes), 1, Math.Max(images, 1));
        var pass = new ConvolutionPass(matrix.Bind(), plan, epilogue, matrix.ConvolutionKernelFor(plan.RowsPerCall)!)
        {
            IsQuantized = format.QuantizesActivations,
            Lanes = format.OutputsPerGroup,
            Bounds = matrix.Bounds,
            // More parts than lines need would only cut the weights that a line shares.
            GroupParts = (int)Math.Clamp(packed.Bytes / WeightBytesPerPart, 1, GroupPartition.MaxParts),
            PrepareLines = (int)Math.Clamp(ElementsPerPart / ((nint)plan.PaddedWidth * plan.Channels), 1, plan.PaddedHeight),
        };
        var lineUnits = Math.Max(1, matrix.Work / pass.GroupParts * plan.LineLength);
        var lineBytes = (nint)plan.LineLength * (matrix.Groups / pass.GroupParts + 1) * format.OutputsPerGroup * sizeof(float);
        pass.MultiplyLines = (int)Math.Clamp(Math.Min(SparseMatrix.UnitsPerPart / lineUnits, ResultBytesPerPart / lineBytes), 1, plan.Lines);

        var paddedOutputs = matrix.Groups * format.OutputsPerGroup;
        var scratch = ArrayPool<byte>.Shared.Rent(checked((int)(ConvolutionPass.ScratchBytes(imagesPerPass, pass.PrepareParts, paddedOutputs) + imagesPerPass * plan.PaddedElements * elementBytes)));
        try
        {
            fixed (byte* start = scratch)
            {
                pass.Lend(start, imagesPerPass, paddedOutputs);
                for (var image = 0; image < images; image += imagesPerPass)
                {
                    pass.Images = Math.Min(imagesPerPass, images - image);
                    pass.X = x + image * ((nint)plan.Channels * plan.Height * plan.Width);
                    pass.Y = y + image * ((nint)packed.Outputs * plan.Positions);
                    pass.Epilogue = epilogue.At(image * packed.Outputs, plan.Positions);
                    var isSmall = pass.Images * plan.PaddedElements <= ElementsPerPart;
                    Run(&pass, &Measure, pass.Images * pass.PrepareParts, isSmall, loop);
                    pass.SetScales();
                    Run(&pass, &Prepare, pass.Images * pass.PrepareParts, isSmall, loop);
                    Run(&pass, &Multiply, pass.Images * pass.MultiplyParts, pass.Images * matrix.Work * plan.Positions <= SparseMatrix.UnitsPerPart, loop);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
            GC.KeepAlive(plan);
        }
    }

    private static void Measure(ConvolutionPass* pass, int part) => pass->Measure(part);

    private static void Prepare(ConvolutionPass* pass, int part) => pass->Prepare(part);

    private static void Multiply(ConvolutionPass* pass, int part) => pass->Multiply(part);

    private static void Run<TLoop>(ConvolutionPass* pass, delegate*<ConvolutionPass*, int, void> body, int parts, bool isSmall, TLoop loop)
        where TLoop : struct, IParallelLoop
    {
        if (isSmall || parts == 1)
        {
            for (var part = 0; part < parts; part++)
                body(pass, part);
            return;
        }

        var work = new Work { Pass = pass, Body = body };
        loop.Run(parts, &RunPart, &work);
        if (work.Failed != 0)
            throw new InvalidOperationException("A sparse convolution failed on a worker thread.");
    }

    private struct Work
    {
        public ConvolutionPass* Pass;
        public delegate*<ConvolutionPass*, int, void> Body;
        public int Failed;
    }

    /// <summary>One part, on a thread of the host: no exception may leave.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunPart(void* state, nuint part)
    {
        var work = (Work*)state;
        try
        {
            work->Body(work->Pass, (int)part);
        }
        catch (Exception)
        {
            work->Failed = 1;
        }
    }
}
