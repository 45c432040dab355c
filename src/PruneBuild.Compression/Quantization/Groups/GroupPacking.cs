using System.Runtime.InteropServices;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// The inputs of <c>com.microsoft.MatMulNBits</c> (its operator specification): levels [outputs, groups, group size · bits / 8], the
/// first of two 4-bit levels in the low half of its byte; scales [outputs · groups]; zero points packed like levels with every output
/// starting a byte, as floats where they are not whole, and left out where they are the middle.
/// </summary>
internal static class GroupPacking
{
    /// <summary>Levels; those behind the last input stand for 0.</summary>
    public static byte[] Levels(QuantizedMatrix matrix)
    {
        var format = matrix.Format;
        var width = format.GroupSize * format.Bits / 8;
        var packed = new byte[(long)matrix.Outputs * matrix.Groups * width];
        var group = new byte[format.GroupSize];
        for (var output = 0; output < matrix.Outputs; output++)
        {
            for (var index = 0; index < matrix.Groups; index++)
            {
                var first = index * format.GroupSize;
                var count = Math.Min(format.GroupSize, matrix.Inputs - first);
                Array.Fill(group, (byte)Math.Clamp(MathF.Round(matrix.Grid(output, index).ZeroPoint), 0, format.HighestLevel));
                Array.Copy(matrix.Levels, ((long)output * matrix.Inputs) + first, group, 0, count);
                Pack(group, format.Bits, packed.AsSpan(((output * matrix.Groups) + index) * width, width));
            }
        }
        return packed;
    }

    /// <summary>Zero points and their element type; null where the operator's own are meant.</summary>
    public static (TensorProto.Types.DataType Type, long[] Shape, byte[] Bytes)? ZeroPoints(QuantizedMatrix matrix)
    {
        if (Array.TrueForAll(matrix.ZeroPoints, zero => zero == matrix.Format.Middle))
            return null;
        if (!Array.TrueForAll(matrix.ZeroPoints, zero => zero == MathF.Round(zero)))
            return (TensorProto.Types.DataType.Float, [(long)matrix.Outputs * matrix.Groups], MemoryMarshal.AsBytes<float>(matrix.ZeroPoints).ToArray());
        var packed = PackedZeroPoints(matrix);
        return (TensorProto.Types.DataType.Uint8, [packed.Length], packed);
    }

    /// <summary>Whole zero points, [outputs, bytes], every output starting a byte.</summary>
    public static byte[] PackedZeroPoints(QuantizedMatrix matrix)
    {
        var width = ((matrix.Groups * matrix.Format.Bits) + 7) / 8;
        var packed = new byte[matrix.Outputs * width];
        for (var output = 0; output < matrix.Outputs; output++)
        {
            var row = matrix.ZeroPoints.AsSpan(output * matrix.Groups, matrix.Groups);
            var levels = new byte[width * 8 / matrix.Format.Bits];
            for (var group = 0; group < row.Length; group++)
                levels[group] = (byte)row[group];
            Pack(levels, matrix.Format.Bits, packed.AsSpan(output * width, width));
        }
        return packed;
    }

    /// <summary>Levels as <c>GatherBlockQuantized</c> reads them, [outputs, inputs · bits / 8]: a short last group is not filled up.</summary>
    public static byte[] Rows(QuantizedMatrix matrix)
    {
        // An output fills whole bytes, so all of them together pack like one.
        var packed = new byte[matrix.Levels.LongLength * matrix.Format.Bits / 8];
        Pack(matrix.Levels, matrix.Format.Bits, packed);
        return packed;
    }

    private static void Pack(ReadOnlySpan<byte> levels, int bits, Span<byte> packed)
    {
        if (bits == 8)
        {
            levels.CopyTo(packed);
            return;
        }
        for (var index = 0; index < packed.Length; index++)
            packed[index] = (byte)(levels[2 * index] | (levels[(2 * index) + 1] << 4));
    }
}
