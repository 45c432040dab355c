namespace PruneBuild.Runtime;

/// <summary>
/// The operator <c>prunebuild.SparseMatMul</c>: Y[..., N] = act(X[..., K] · Wᵀ + bias + residual). Inputs and attributes are those
/// of every <see cref="SparseOperator"/>.
/// </summary>
internal sealed unsafe class SparseMatMul : SparseOperator
{
    private SparseMatMul(void* info) : base(info)
    {
    }

    public override string OpType => "SparseMatMul";

    public static OrtCustomOp* Describe() => OperatorDescription.Create("SparseMatMul"u8, &Create, Inputs);

    public override void Compute(void* context)
    {
        var dimensions = stackalloc long[MaxRank];
        var input = OrtApi.Input(context, 0);
        var rank = OrtApi.Shape(input, dimensions, MaxRank);
        if (rank is 0 or > MaxRank || dimensions[rank - 1] != Matrix.Packed.Inputs)
            throw new ArgumentException($"The last dimension of X must be {Matrix.Packed.Inputs}.");
        CheckWeights(context);
        long rows = 1;
        for (var i = 0; i < rank - 1; i++)
            rows *= dimensions[i];
        if (rows > int.MaxValue)
            throw new ArgumentException($"X has {rows} rows, more than one multiplication takes.");

        dimensions[rank - 1] = Matrix.Packed.Outputs;
        var epilogue = Epilogue(context, new(dimensions, rank), Matrix.Packed.Outputs);
        var output = OrtApi.Output(context, 0, dimensions, (nuint)rank);
        if (rows != 0)
            Matrix.Multiply((float*)OrtApi.Data(input), (int)rows, epilogue, (float*)OrtApi.Data(output), new SessionLoop(context));
    }

    private static SparseMatMul Create(void* info) => new(info);
}
