using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>Names of the kernels a layer can get, as plans, manifests and reports print them.</summary>
public static class KernelName
{
    /// <summary>ONNX Runtime's float kernel.</summary>
    public const string DenseFp32 = "dense.fp32";

    /// <summary>The same on weights that the file holds as int8; ONNX Runtime turns them to float when it loads the model.</summary>
    public const string DenseFp32StoredInt8 = "dense.fp32 (int8 stored)";

    /// <summary>ONNX Runtime's <c>DynamicQuantizeMatMul</c>.</summary>
    public const string DenseInt8 = "dense.int8";

    /// <summary><c>SparseMatMul</c> on <see cref="Block8x4Int8"/>.</summary>
    public const string SparseInt8 = Block8x4Int8.FormatName;

    /// <summary><c>SparseMatMul</c> on <see cref="Block8x1Float32"/>.</summary>
    public const string SparseFp32 = Block8x1Float32.FormatName;
}
