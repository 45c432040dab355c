using System.Text;

namespace PruneBuild.Tests.Ort;

/// <summary>Writes just enough ONNX (protobuf by hand) for tests and benchmarks of operators.</summary>
internal sealed class OnnxWriter
{
    public const int Float = 1;
    public const int UInt8 = 2;
    public const int Int8 = 3;
    public const int Int32 = 6;

    private readonly List<byte> graph = [];

    public OnnxWriter() => Text(graph, 2, "graph");

    /// <summary>A graph input; dimensions are numbers or symbols.</summary>
    public OnnxWriter Input(string name, int type, params object[] dimensions)
    {
        Message(graph, 11, message => ValueInfo(message, name, type, dimensions));
        return this;
    }

    public OnnxWriter Output(string name, int type, params object[] dimensions)
    {
        Message(graph, 12, message => ValueInfo(message, name, type, dimensions));
        return this;
    }

    public OnnxWriter Initializer(string name, int type, long[] dimensions, ReadOnlySpan<byte> data)
    {
        var bytes = data.ToArray();
        Message(graph, 5, message =>
        {
            Tensor(message, name, type, dimensions);
            Bytes(message, 9, bytes);
        });
        return this;
    }

    /// <summary>An initializer whose bytes are in a file beside the model.</summary>
    public OnnxWriter External(string name, int type, long[] dimensions, string file, long offset, long length)
    {
        Message(graph, 5, message =>
        {
            Tensor(message, name, type, dimensions);
            foreach (var (key, value) in new[] { ("location", file), ("offset", $"{offset}"), ("length", $"{length}") })
            {
                Message(message, 13, entry =>
                {
                    Text(entry, 1, key);
                    Text(entry, 2, value);
                });
            }

            Integer(message, 14, 1);
        });
        return this;
    }

    public OnnxWriter Node(string domain, string type, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        Message(graph, 1, node =>
        {
            foreach (var input in inputs)
                Text(node, 1, input);
            foreach (var output in outputs)
                Text(node, 2, output);
            Text(node, 3, outputs[0] + "_node");
            Text(node, 4, type);
            foreach (var (name, value) in attributes)
                Message(node, 5, attribute => Attribute(attribute, name, value));
            Text(node, 7, domain);
        });
        return this;
    }

    public byte[] ToBytes()
    {
        var model = new List<byte>();
        Integer(model, 1, 10);
        foreach (var (domain, version) in new[] { ("", 21L), ("com.microsoft", 1L), ("prunebuild", 1L) })
        {
            Message(model, 8, opset =>
            {
                Text(opset, 1, domain);
                Integer(opset, 2, version);
            });
        }

        Bytes(model, 7, [.. graph]);
        return [.. model];
    }

    private static void ValueInfo(List<byte> message, string name, int type, object[] dimensions)
    {
        Text(message, 1, name);
        Message(message, 2, typeProto => Message(typeProto, 1, tensor =>
        {
            Integer(tensor, 1, type);
            Message(tensor, 2, shape =>
            {
                foreach (var dimension in dimensions)
                {
                    Message(shape, 1, target =>
                    {
                        if (dimension is string symbol)
                            Text(target, 2, symbol);
                        else
                            Integer(target, 1, Convert.ToInt64(dimension));
                    });
                }
            });
        }));
    }

    private static void Tensor(List<byte> message, string name, int type, long[] dimensions)
    {
        foreach (var dimension in dimensions)
            Integer(message, 1, dimension);
        Integer(message, 2, type);
        Text(message, 8, name);
    }

    private static void Attribute(List<byte> message, string name, object value)
    {
        Text(message, 1, name);
        if (value is string text)
        {
            Text(message, 4, text);
            Integer(message, 20, 3);
        }
        else if (value is float number)
        {
            Variable(message, 2 << 3 | 5);
            message.AddRange(BitConverter.GetBytes(number));
            Integer(message, 20, 1);
        }
        else if (value is int[] integers)
        {
            foreach (var integer in integers)
                Integer(message, 8, integer);
            Integer(message, 20, 7);
        }
        else
        {
            Integer(message, 3, Convert.ToInt64(value));
            Integer(message, 20, 2);
        }
    }

    private static void Text(List<byte> stream, int field, string value) => Bytes(stream, field, Encoding.UTF8.GetBytes(value));

    private static void Message(List<byte> stream, int field, Action<List<byte>> write)
    {
        var content = new List<byte>();
        write(content);
        Bytes(stream, field, [.. content]);
    }

    private static void Bytes(List<byte> stream, int field, byte[] value)
    {
        Variable(stream, (ulong)field << 3 | 2);
        Variable(stream, (ulong)value.Length);
        stream.AddRange(value);
    }

    private static void Integer(List<byte> stream, int field, long value)
    {
        Variable(stream, (ulong)field << 3);
        Variable(stream, (ulong)value);
    }

    private static void Variable(List<byte> stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.Add((byte)(value | 0x80));
        stream.Add((byte)value);
    }
}
