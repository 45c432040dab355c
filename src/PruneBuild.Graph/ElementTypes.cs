using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Storage facts of the ONNX element types.</summary>
public static class ElementTypes
{
    /// <summary>Bits an element takes in raw data; 0 for types that have no raw form (strings, undefined).</summary>
    public static int BitsPerElement(TensorProto.Types.DataType type) => type switch
    {
        TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Uint32 => 32,
        TensorProto.Types.DataType.Uint8 or TensorProto.Types.DataType.Int8 or TensorProto.Types.DataType.Bool
            or TensorProto.Types.DataType.Float8E4M3Fn or TensorProto.Types.DataType.Float8E4M3Fnuz
            or TensorProto.Types.DataType.Float8E5M2 or TensorProto.Types.DataType.Float8E5M2Fnuz
            or TensorProto.Types.DataType.Float8E8M0 => 8,
        TensorProto.Types.DataType.Uint16 or TensorProto.Types.DataType.Int16
            or TensorProto.Types.DataType.Float16 or TensorProto.Types.DataType.Bfloat16 => 16,
        TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Uint64
            or TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Complex64 => 64,
        TensorProto.Types.DataType.Complex128 => 128,
        TensorProto.Types.DataType.Uint4 or TensorProto.Types.DataType.Int4 or TensorProto.Types.DataType.Float4E2M1 => 4,
        TensorProto.Types.DataType.Uint2 or TensorProto.Types.DataType.Int2 => 2,
        _ => 0,
    };

    /// <summary>Elements of a tensor, or null when a dimension is negative or the product overflows.</summary>
    public static long? Count(IEnumerable<long> shape)
    {
        long elements = 1;
        foreach (var dimension in shape)
        {
            var product = Math.BigMul(elements, dimension);
            if (dimension < 0 || product > long.MaxValue)
                return null;
            elements = (long)product;
        }
        return elements;
    }

    /// <summary>Raw bytes of a tensor, or null when a dimension is negative or the size overflows.</summary>
    public static long? BytesOf(TensorProto.Types.DataType type, IEnumerable<long> shape) =>
        Count(shape) is { } elements && elements <= long.MaxValue / 128 ? (elements * BitsPerElement(type) + 7) / 8 : null;
}
