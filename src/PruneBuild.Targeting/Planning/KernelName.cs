using PruneBuild.Runtime;

namespace PruneBuild.Targeting;

/// <summary>Names of the dense kernels, as plans, manifests and reports print them. A sparse kernel is called like its <see cref="PackedFormat"/>.</summary>
public static class KernelName
{
    /// <summary>ONNX Runtime's float kernel.</summary>
    public const string DenseFp32 = "dense.fp32";

    /// <summary>The same on weights that the file holds as int8; ONNX Runtime turns them to float when it loads the model.</summary>
    public const string DenseFp32StoredInt8 = "dense.fp32 (int8 stored)";

    /// <summary>ONNX Runtime's <c>DynamicQuantizeMatMul</c>.</summary>
    public const string DenseInt8 = "dense.int8";

    /// <summary>ONNX Runtime's <c>QLinearConv</c>, <c>QLinearMatMul</c> and their like, on activations whose range is fixed.</summary>
    public const string DenseInt8Static = "dense.int8 (static)";

    /// <summary>ONNX Runtime's <c>MatMulNBits</c> with blocks of 32.</summary>
    public const string DenseInt4 = "dense.int4";

    /// <summary>The same with 8 bits.</summary>
    public const string DenseInt8Groups = "dense.int8 (groups)";

    /// <summary>How options and reports name a precision.</summary>
    public static string Of(WeightPrecision precision) => precision switch
    {
        WeightPrecision.FullPrecision => "fp32",
        WeightPrecision.EightBit => "int8",
        WeightPrecision.FourBit => "int4",
        _ => throw new ArgumentOutOfRangeException(nameof(precision)),
    };
}
