using System.Runtime.InteropServices;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Turns the typed repeated fields of a tensor message (float_data, int64_data, ...) into raw bytes.</summary>
internal static class InlineData
{
    public static byte[] ToRaw(TensorProto tensor)
    {
        var type = (TensorProto.Types.DataType)tensor.DataType;
        return type switch
        {
            TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Complex64 => Bytes(tensor.FloatData.ToArray()),
            TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Complex128 => Bytes(tensor.DoubleData.ToArray()),
            TensorProto.Types.DataType.Int64 => Bytes(tensor.Int64Data.ToArray()),
            TensorProto.Types.DataType.Uint64 => Bytes(tensor.Uint64Data.ToArray()),
            TensorProto.Types.DataType.Uint32 => Bytes(tensor.Uint64Data.Select(value => (uint)value).ToArray()),
            TensorProto.Types.DataType.Int32 => Bytes(tensor.Int32Data.ToArray()),
            _ => ElementTypes.BitsPerElement(type) switch
            {
                16 => Bytes(tensor.Int32Data.Select(value => (ushort)value).ToArray()),
                // Sub-byte elements come packed, one byte an entry.
                8 or 4 or 2 => Bytes(tensor.Int32Data.Select(value => (byte)value).ToArray()),
                _ => [],
            },
        };
    }

    /// <summary>Clears every payload field, so that the header can be written with raw data instead.</summary>
    public static void Clear(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.Uint64Data.Clear();
        tensor.ExternalData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.Default;
    }

    private static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
