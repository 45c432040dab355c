namespace PruneBuild.Runtime;

/// <summary>
/// The operator <c>prunebuild.SparseConv</c>: Y = act(conv(X, W) + bias + residual), group 1, X [images, channels, height, width]
/// or [images, channels, width]. Inputs and attributes are those of every <see cref="SparseOperator"/>, N the output channels and
/// K kernel positions · channels (column position · channels + channel of the packed matrix, positions row-major), and
/// kernel_shape, strides, pads, dilations (ints) as in the ONNX operator Conv. An image with a NaN or an infinity gives NaN throughout.
/// </summary>
internal sealed unsafe class SparseConv : SparseOperator
{
    private readonly ConvolutionWindow window;
    private readonly SparseConvolution convolution;

    private SparseConv(void* info) : base(info)
    {
        window = ConvolutionWindow.Parse(
            OrtApi.IntegersAttribute(info, "kernel_shape", []), OrtApi.IntegersAttribute(info, "strides", []),
            OrtApi.IntegersAttribute(info, "pads", []), OrtApi.IntegersAttribute(info, "dilations", []));
        convolution = new(Matrix, window);
    }

    public override string OpType => "SparseConv";

    public static OrtCustomOp* Describe() => OperatorDescription.Create("SparseConv"u8, &Create, Inputs);

    public override void Compute(void* context)
    {
        var dimensions = stackalloc long[MaxRank];
        var input = OrtApi.Input(context, 0);
        var rank = OrtApi.Shape(input, dimensions, MaxRank);
        if (rank != window.SpatialRank + 2 || dimensions[1] != convolution.Channels)
            throw new ArgumentException($"X must have {window.SpatialRank + 2} dimensions and {convolution.Channels} channels.");
        CheckWeights(context);
        if (dimensions[0] > int.MaxValue / Matrix.Packed.Outputs)
            throw new ArgumentException($"X has {dimensions[0]} images, more than one convolution takes.");
        var plan = convolution.Plan(window.SpatialRank == 2 ? dimensions[2] : 1, dimensions[rank - 1]);

        dimensions[1] = Matrix.Packed.Outputs;
        dimensions[rank - 2] = window.SpatialRank == 2 ? plan.OutputHeight : Matrix.Packed.Outputs;
        dimensions[rank - 1] = plan.OutputWidth;
        var epilogue = Epilogue(context, new(dimensions, rank), plan.Positions);
        var output = OrtApi.Output(context, 0, dimensions, (nuint)rank);
        if (dimensions[0] != 0)
            convolution.Convolve(plan, (float*)OrtApi.Data(input), (int)dimensions[0], epilogue, (float*)OrtApi.Data(output), new SessionLoop(context));
    }

    private static SparseConv Create(void* info) => new(info);
}
