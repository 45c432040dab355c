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
    /// <summary>Whether a node reads packed weights.</summary>
    public static bool IsPacked(NodeProto node) => node is { OpType: GroupModelQuantizer.Op, Domain: GroupModelQuantizer.Domain };

    /// <summary>The weights that a node reads, [outputs, inputs]: what <see cref="QuantizedMatrix.Dequantize"/> gave before they were packed.</summary>
    public static float[] Unpack(OnnxModel model, NodeProto node)
    {
        var (outputs, inputs, bits) = ((int)node.GetInt("N", 0), (int)node.GetInt("K", 0), (int)node.GetInt("bits", 4));
        var format = new GroupFormat(bits, (int)node.GetInt("block_size", 32), IsSymmetric: false);
        var groups = format.Groups(inputs);
        using var packed = model.Weights[node.Input[1]].Open();
        var levels = packed.As<byte>();
        var scales = model.Weights[node.Input[2]].ReadSingles();
        var zeros = ReadZeroPoints(model, node, format, outputs, groups);
        var weights = new float[(long)outputs * inputs];
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input++)
            {
                var group = (output * groups) + (input / format.GroupSize);
                var level = Level(levels, bits, ((long)group * format.GroupSize) + (input % format.GroupSize));
                weights[((long)output * inputs) + input] = new GroupGrid(scales[group], zeros[group]).Value(level);
            }
        }
        return weights;
    }

    private static float[] ReadZeroPoints(OnnxModel model, NodeProto node, GroupFormat format, int outputs, int groups)
    {
        var zeros = new float[outputs * groups];
        if (node.Input.Count < 4 || node.Input[3].Length == 0)
        {
            Array.Fill(zeros, format.Middle);
            return zeros;
        }
        var stored = model.Weights[node.Input[3]];
        if (stored.Type == TensorProto.Types.DataType.Float)
            return stored.ReadSingles();
        using var view = stored.Open();
        var packed = view.As<byte>();
        var row = ((groups * format.Bits) + 7) / 8 * 8 / format.Bits;
        for (var output = 0; output < outputs; output++)
            for (var group = 0; group < groups; group++)
                zeros[(output * groups) + group] = Level(packed, format.Bits, ((long)output * row) + group);
        return zeros;
    }

    private static int Level(ReadOnlySpan<byte> packed, int bits, long index) =>
        bits == 8 ? packed[(int)index] : (packed[(int)(index / 2)] >> (int)(4 * (index % 2))) & 15;

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
