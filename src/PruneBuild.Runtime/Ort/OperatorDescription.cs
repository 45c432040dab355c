using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Runtime;

/// <summary>
/// An <see cref="OrtCustomOp"/> with what its callbacks look up behind it: ONNX Runtime hands the pointer back to them.
/// Every operator described here has the inputs of <see cref="SparseOperator"/> and one float output.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OperatorDescription
{
    private const int TensorFloat = 1;
    private const int TensorUInt8 = 2;
    private const int Required = 0;
    private const int Optional = 1;

    private OrtCustomOp op;
    private byte* name;
    private delegate*<void*, SparseOperator> create;

    /// <summary>A description that is never freed: sessions keep pointers to it.</summary>
    /// <param name="name">A UTF-8 literal: static data that ends with a zero byte.</param>
    /// <param name="create">Makes the operator of one node from its OrtKernelInfo.</param>
    public static OrtCustomOp* Create(ReadOnlySpan<byte> name, delegate*<void*, SparseOperator> create)
    {
        var description = (OperatorDescription*)NativeMemory.AllocZeroed((nuint)sizeof(OperatorDescription));
        description->name = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(name));
        description->create = create;
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
            return OrtApi.CreateStatus(OrtApi.InvalidGraph, $"{SparseOperator.Domain}.{Marshal.PtrToStringUTF8((nint)description->name)}: {exception.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context)
    {
        var node = (SparseOperator)GCHandle.FromIntPtr((nint)kernel).Target!;
        try
        {
            node.Compute(context);
            return null;
        }
        catch (Exception exception)
        {
            return OrtApi.CreateStatus(exception is ArgumentException ? OrtApi.InvalidArgument : OrtApi.Fail, $"{SparseOperator.Domain}.{node.OpType}: {exception.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(void* kernel) => GCHandle.FromIntPtr((nint)kernel).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => ((OperatorDescription*)op)->name;

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
}
