using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// An <see cref="OrtCustomOp"/> with what its callbacks look up behind it: ONNX Runtime hands the pointer back to them.
/// Outputs are floats.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OperatorDescription
{
    private const int Required = 0;
    private const int Optional = 1;

    private OrtCustomOp op;
    private byte* name;
    private delegate*<void*, RuntimeOperator> create;
    private OperatorInput* inputs;
    private int inputCount;
    private int outputCount;

    /// <summary>A description that is never freed: sessions keep pointers to it.</summary>
    /// <param name="name">A UTF-8 literal: static data that ends with a zero byte.</param>
    /// <param name="create">Makes the operator of one node from its OrtKernelInfo.</param>
    /// <param name="inputs">What a node reads.</param>
    /// <param name="outputs">How many outputs it has.</param>
    public static OrtCustomOp* Create(ReadOnlySpan<byte> name, delegate*<void*, RuntimeOperator> create, ReadOnlySpan<OperatorInput> inputs, int outputs = 1)
    {
        var description = (OperatorDescription*)NativeMemory.AllocZeroed((nuint)sizeof(OperatorDescription));
        description->name = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(name));
        description->create = create;
        description->inputs = (OperatorInput*)NativeMemory.Alloc((nuint)inputs.Length, (nuint)sizeof(OperatorInput));
        inputs.CopyTo(new(description->inputs, inputs.Length));
        (description->inputCount, description->outputCount) = (inputs.Length, outputs);
        var op = &description->op;
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

    // Callbacks. A managed exception must not cross into native code: it becomes an OrtStatus.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* CreateKernel(OrtCustomOp* op, void* api, void* info, void** kernel)
    {
        var description = (OperatorDescription*)op;
        try
        {
            *kernel = (void*)GCHandle.ToIntPtr(GCHandle.Alloc(description->create(info)));
            return null;
        }
        catch (Exception exception)
        {
            return OrtApi.CreateStatus(OrtApi.InvalidGraph, $"{RuntimeOperator.Domain}.{Marshal.PtrToStringUTF8((nint)description->name)}: {exception.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context)
    {
        var node = (RuntimeOperator)GCHandle.FromIntPtr((nint)kernel).Target!;
        try
        {
            node.Compute(context);
            return null;
        }
        catch (Exception exception)
        {
            return OrtApi.CreateStatus(exception is ArgumentException ? OrtApi.InvalidArgument : OrtApi.Fail, $"{RuntimeOperator.Domain}.{node.OpType}: {exception.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(void* kernel) => GCHandle.FromIntPtr((nint)kernel).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => ((OperatorDescription*)op)->name;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetExecutionProviderType(OrtCustomOp* op) => null;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputType(OrtCustomOp* op, nuint index) => ((OperatorDescription*)op)->inputs[index].Type;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint GetInputTypeCount(OrtCustomOp* op) => (nuint)((OperatorDescription*)op)->inputCount;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetOutputType(OrtCustomOp* op, nuint index) => OperatorInput.Float;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint GetOutputTypeCount(OrtCustomOp* op) => (nuint)((OperatorDescription*)op)->outputCount;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputCharacteristic(OrtCustomOp* op, nuint index) => ((OperatorDescription*)op)->inputs[index].IsOptional ? Optional : Required;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetOutputCharacteristic(OrtCustomOp* op, nuint index) => Required;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputMemoryType(OrtCustomOp* op, nuint index) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetStartVersion(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetEndVersion(OrtCustomOp* op) => int.MaxValue;
}
