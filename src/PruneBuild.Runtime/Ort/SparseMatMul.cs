using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The operator <c>prunebuild.SparseMatMul</c>: Y[..., N] = act(X[..., K] · Wᵀ + bias + residual).
/// Inputs: X float, W uint8 (a packed blob, an initializer, used in place), bias float[N] (optional), residual float[..., N] (optional).
/// Attributes: K, N (int), format (string), activation (string: see <see cref="SparseActivations"/>).
/// </summary>
internal sealed unsafe class SparseMatMul
{
    public const string Domain = "prunebuild";
    public const string OpType = "SparseMatMul";
    private const int MaxRank = 16;

    private readonly SparseMatrix matrix;
    private readonly SparseActivation activation;
    private readonly void* weights;

    private SparseMatMul(void* info)
    {
        var k = OrtApi.IntegerAttribute(info, "K");
        var n = OrtApi.IntegerAttribute(info, "N");
        var format = OrtApi.StringAttribute(info, "format", "");
        if (PackedFormats.Find(format) is null)
            throw new InvalidDataException($"The weight format '{format}' is not known to this version of PruneBuild.Runtime.");
        activation = SparseActivations.Parse(OrtApi.StringAttribute(info, "activation", "none"));
        var tensor = OrtApi.ConstantInput(info, 1);
        if (tensor == null)
            throw new InvalidDataException("The packed weights (input 1) must be an initializer of the same graph.");
        var dimensions = stackalloc long[1];
        if (OrtApi.Shape(tensor, dimensions, 1) != 1 || dimensions[0] > int.MaxValue)
            throw new InvalidDataException("The packed weights must be a one-dimensional uint8 tensor of less than 2 GB.");
        weights = OrtApi.Data(tensor);
        matrix = SparseMatrix.Open((byte*)weights, (int)dimensions[0], KernelRegistry.SelectTier());
        var packed = matrix.Packed;
        if (packed.Format.Name != format || packed.Inputs != k || packed.Outputs != n)
            throw new InvalidDataException($"The node says {format} with K={k}, N={n}; the packed weights are {packed.Format.Name} with K={packed.Inputs}, N={packed.Outputs}.");
    }

    /// <summary>The operator's description, allocated once: sessions keep pointers to it.</summary>
    public static OrtCustomOp* Describe()
    {
        var op = (OrtCustomOp*)NativeMemory.AllocZeroed((nuint)sizeof(OrtCustomOp));
        op->Version = OrtApi.Version;
        op->GetName = &GetName;
        op->GetExecutionProviderType = &GetExecutionProviderType;
        op->GetInputType = &GetInputType;
        op->GetInputTypeCount = &GetInputTypeCount;
        op->GetOutputType = &GetOutputType;
        op->GetOutputTypeCount = &GetOutputTypeCount;
        op->GetInputCharacteristic = &GetInputCharacteristic;
        op->GetOutputCharacteristic = &GetOutputCharacteristic;
        op->GetInputMemoryType = &GetInputMemoryType;
        op->CreateKernelV2 = &CreateKernel;
        op->KernelComputeV2 = &Compute;
        op->KernelDestroy = &Destroy;
        op->GetStartVersion = &GetStartVersion;
        op->GetEndVersion = &GetEndVersion;
        return op;
    }

    private void Compute(void* context)
    {
        var dimensions = stackalloc long[MaxRank];
        var input = OrtApi.Input(context, 0);
        var rank = OrtApi.Shape(input, dimensions, MaxRank);
        if (rank is 0 or > MaxRank || dimensions[rank - 1] != matrix.Packed.Inputs)
            throw new ArgumentException($"The last dimension of X must be {matrix.Packed.Inputs}.");
        if (OrtApi.Data(OrtApi.Input(context, 1)) != weights)
            throw new InvalidOperationException("The packed weights moved after they were validated.");
        long rows = 1;
        for (var i = 0; i < rank - 1; i++)
            rows *= dimensions[i];
        if (rows > int.MaxValue)
            throw new ArgumentException($"X has {rows} rows, more than one multiplication takes.");
        var bias = Bias(context);

        dimensions[rank - 1] = matrix.Packed.Outputs;
        var output = OrtApi.Output(context, 0, dimensions, (nuint)rank);
        if (rows != 0)
        {
            var epilogue = new SparseEpilogue(bias, Residual(context, rows), matrix.Packed.Outputs, activation);
            matrix.Multiply((float*)OrtApi.Data(input), (int)rows, epilogue, (float*)OrtApi.Data(output), new SessionLoop(context));
        }
    }

    private float* Bias(void* context)
    {
        var value = OrtApi.OptionalInput(context, 2);
        if (value == null)
            return null;
        long length;
        if (OrtApi.Shape(value, &length, 1) != 1 || length != matrix.Packed.Outputs)
            throw new ArgumentException($"The bias must have the shape [{matrix.Packed.Outputs}].");
        return (float*)OrtApi.Data(value);
    }

    private float* Residual(void* context, long rows)
    {
        var value = OrtApi.OptionalInput(context, 3);
        if (value == null)
            return null;
        var dimensions = stackalloc long[MaxRank];
        var rank = OrtApi.Shape(value, dimensions, MaxRank);
        long count = 1;
        for (var i = 0; i < Math.Min(rank, MaxRank); i++)
            count *= dimensions[i];
        if (rank is 0 or > MaxRank || dimensions[rank - 1] != matrix.Packed.Outputs || count != rows * matrix.Packed.Outputs)
            throw new ArgumentException("The residual must have the shape of the result.");
        return (float*)OrtApi.Data(value);
    }

    private readonly struct SessionLoop(void* context) : IParallelLoop
    {
        private readonly void* context = context;

        public void Run(int count, delegate* unmanaged[Cdecl]<void*, nuint, void> body, void* state) =>
            OrtApi.ParallelFor(context, body, (nuint)count, state);
    }

    // Callbacks. A managed exception must not cross into native code: it becomes an OrtStatus.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* CreateKernel(OrtCustomOp* op, void* api, void* info, void** kernel)
    {
        try
        {
            *kernel = (void*)GCHandle.ToIntPtr(GCHandle.Alloc(new SparseMatMul(info)));
            return null;
        }
        catch (Exception exception)
        {
            return OrtApi.CreateStatus(OrtApi.InvalidGraph, $"{Domain}.{OpType}: {exception.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context)
    {
        try
        {
            ((SparseMatMul)GCHandle.FromIntPtr((nint)kernel).Target!).Compute(context);
            return null;
        }
        catch (Exception exception)
        {
            return OrtApi.CreateStatus(exception is ArgumentException ? OrtApi.InvalidArgument : OrtApi.Fail, $"{Domain}.{OpType}: {exception.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(void* kernel) => GCHandle.FromIntPtr((nint)kernel).Free();

    // A UTF-8 literal is static data that ends with a zero byte.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("SparseMatMul"u8));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetExecutionProviderType(OrtCustomOp* op) => null;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputType(OrtCustomOp* op, nuint index) => index == 1 ? TensorUInt8 : TensorFloat;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint GetInputTypeCount(OrtCustomOp* op) => 4;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetOutputType(OrtCustomOp* op, nuint index) => TensorFloat;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint GetOutputTypeCount(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputCharacteristic(OrtCustomOp* op, nuint index) => index >= 2 ? Optional : Required;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetOutputCharacteristic(OrtCustomOp* op, nuint index) => Required;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputMemoryType(OrtCustomOp* op, nuint index) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetStartVersion(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetEndVersion(OrtCustomOp* op) => int.MaxValue;

    private const int TensorFloat = 1;
    private const int TensorUInt8 = 2;
    private const int Required = 0;
    private const int Optional = 1;
}
