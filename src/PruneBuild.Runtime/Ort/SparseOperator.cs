namespace PruneBuild.Runtime;

/// <summary>
/// A node with packed weights. Inputs: X float, W uint8 (a packed blob, an initializer, used in place), bias float[N] (optional),
/// residual float of the result's shape (optional). Attributes: K, N (int), format (string), activation (string: see
/// <see cref="SparseActivations"/>).
/// </summary>
internal abstract unsafe class SparseOperator : RuntimeOperator
{
    protected const int MaxRank = 16;

    private readonly void* weights;

    /// <summary>Validates the weights against the attributes.</summary>
    /// <exception cref="InvalidDataException">They do not agree, or the blob is not valid.</exception>
    protected SparseOperator(void* info)
    {
        var k = OrtApi.IntegerAttribute(info, "K");
        var n = OrtApi.IntegerAttribute(info, "N");
        var format = OrtApi.StringAttribute(info, "format", "");
        if (PackedFormats.Find(format) is null)
            throw new InvalidDataException($"The weight format '{format}' is not known to this version of PruneBuild.Runtime.");
        Activation = SparseActivations.Parse(OrtApi.StringAttribute(info, "activation", "none"));
        var tensor = OrtApi.ConstantInput(info, 1);
        if (tensor == null)
            throw new InvalidDataException("The packed weights (input 1) must be an initializer of the same graph.");
        var dimensions = stackalloc long[1];
        if (OrtApi.Shape(tensor, dimensions, 1) != 1 || dimensions[0] > int.MaxValue)
            throw new InvalidDataException("The packed weights must be a one-dimensional uint8 tensor of less than 2 GB.");
        weights = OrtApi.Data(tensor);
        Matrix = SparseMatrix.Open((byte*)weights, (int)dimensions[0], KernelRegistry.SelectTier());
        var packed = Matrix.Packed;
        if (packed.Format.Name != format || packed.Inputs != k || packed.Outputs != n)
            throw new InvalidDataException($"The node says {format} with K={k}, N={n}; the packed weights are {packed.Format.Name} with K={packed.Inputs}, N={packed.Outputs}.");
    }

    /// <summary>What its node declares.</summary>
    protected static OperatorInput[] Inputs { get; } =
        [new(OperatorInput.Float), new(OperatorInput.UInt8), new(OperatorInput.Float, IsOptional: true), new(OperatorInput.Float, IsOptional: true)];

    protected SparseMatrix Matrix { get; }

    protected SparseActivation Activation { get; }

    /// <summary>What follows the product.</summary>
    /// <param name="context">The call.</param>
    /// <param name="result">The shape of the result.</param>
    /// <param name="rowLength">Elements of a row of the residual.</param>
    /// <exception cref="ArgumentException">Bias or residual have another shape.</exception>
    protected SparseEpilogue Epilogue(void* context, ReadOnlySpan<long> result, int rowLength) =>
        new(Bias(context), Residual(context, result), rowLength, Activation);

    /// <summary>The weights were validated where they lay when the session was made.</summary>
    protected void CheckWeights(void* context)
    {
        if (OrtApi.Data(OrtApi.Input(context, 1)) != weights)
            throw new InvalidOperationException("The packed weights moved after they were validated.");
    }

    private float* Bias(void* context)
    {
        var value = OrtApi.OptionalInput(context, 2);
        if (value == null)
            return null;
        long length;
        if (OrtApi.Shape(value, &length, 1) != 1 || length != Matrix.Packed.Outputs)
            throw new ArgumentException($"The bias must have the shape [{Matrix.Packed.Outputs}].");
        return (float*)OrtApi.Data(value);
    }

    private static float* Residual(void* context, ReadOnlySpan<long> result)
    {
        var value = OrtApi.OptionalInput(context, 3);
        if (value == null)
            return null;
        var dimensions = stackalloc long[MaxRank];
        var rank = OrtApi.Shape(value, dimensions, MaxRank);
        if (rank != result.Length || !result.SequenceEqual(new(dimensions, rank)))
            throw new ArgumentException($"The residual must have the shape of the result, [{string.Join(", ", result.ToArray())}].");
        return (float*)OrtApi.Data(value);
    }
}
