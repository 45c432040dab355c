using System.Text;

namespace PruneBuild.Evaluation.Tests.Runs;

/// <summary>A model of one unary operator on [batch, classes] floats, written byte by byte in the protobuf form of ONNX.</summary>
internal static class TinyOnnx
{
    /// <param name="operatorType">Identity answers its input; Log gives NaN or infinity for inputs of 0 and below.</param>
    /// <param name="batch">The fixed batch, or null for any.</param>
    /// <param name="classes">Second dimension.</param>
    public static byte[] Unary(string operatorType, int? batch, int classes)
    {
        byte[] node = [.. Field(1, "image"), .. Field(2, "logits"), .. Field(4, operatorType)];
        byte[] graph = [.. Field(1, node), .. Field(2, "g"), .. Field(11, Value("image")), .. Field(12, Value("logits"))];
        return [.. Field(1, 8), .. Field(7, graph), .. Field(8, (byte[])[.. Field(1, ""), .. Field(2, 13)])];

        byte[] Value(string name)
        {
            byte[] first = batch is { } size ? Field(1, size) : Field(2, "n");
            byte[] shape = [.. Field(1, first), .. Field(1, Field(1, classes))];
            byte[] tensor = [.. Field(1, 1), .. Field(2, shape)];
            return [.. Field(1, name), .. Field(2, Field(1, tensor))];
        }
    }

    /// <summary>A model that looks every token up: [batch, tokens] int64 becomes [batch, tokens, width] floats, the rows of a table.</summary>
    public static byte[] Table(float[][] rows)
    {
        var width = rows[0].Length;
        byte[] raw = [.. rows.SelectMany(row => row).SelectMany(value => BitConverter.GetBytes(value))];
        byte[] table = [.. Field(1, rows.Length), .. Field(1, width), .. Field(2, 1), .. Field(8, "table"), .. Field(9, raw)];
        byte[] node = [.. Field(1, "table"), .. Field(1, "input_ids"), .. Field(2, "logits"), .. Field(4, "Gather")];
        byte[] graph = [.. Field(1, node), .. Field(2, "g"), .. Field(5, table), .. Field(11, Named("input_ids", 7, null, null)), .. Field(12, Named("logits", 1, null, null, width))];
        return [.. Field(1, 8), .. Field(7, graph), .. Field(8, (byte[])[.. Field(1, ""), .. Field(2, 13)])];
    }

    private static byte[] Named(string name, int type, params int?[] dimensions)
    {
        byte[] shape = [.. dimensions.SelectMany((size, index) => Field(1, size is { } known ? Field(1, known) : Field(2, $"n{index}")))];
        byte[] tensor = [.. Field(1, type), .. Field(2, shape)];
        return [.. Field(1, name), .. Field(2, Field(1, tensor))];
    }

    private static byte[] Field(int number, long value) => [.. Varint(number << 3), .. Varint(value)];

    private static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] bytes) => [.. Varint((number << 3) | 2), .. Varint(bytes.Length), .. bytes];

    private static IEnumerable<byte> Varint(long value)
    {
        for (; value >= 0x80; value >>= 7) yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
