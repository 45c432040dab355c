using System.Runtime.InteropServices;
using Google.Protobuf;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;

namespace PruneBuild.Targeting.Calibration;

/// <summary>
/// Models of one operator, or of a chain of one, to be timed. Input <see cref="Input"/>, output <see cref="Output"/>; every shape is
/// fixed. Weights are the same in every run; the time of a dense operator does not depend on their values.
/// </summary>
internal static class NodeModels
{
    public const string Input = "x";
    public const string Output = "y";

    private const string Microsoft = "com.microsoft";
    private const int Opset = 17;

    /// <summary>A sparse multiplication [rows, inputs] to [rows, outputs] by packed weights.</summary>
    public static byte[] Sparse(PackedFormat format, byte[] packed, int rows, int inputs, int outputs)
    {
        var graph = Graph([rows, inputs], [rows, outputs]);
        graph.Initializer.Add(Tensor("w", TensorProto.Types.DataType.Uint8, packed, packed.Length));
        graph.Node.Add(SparseNode(format, Input, Output, inputs, outputs));
        return Model(graph);
    }

    /// <summary>ONNX Runtime's own multiplication of that precision.</summary>
    public static byte[] Dense(WeightPrecision precision, int rows, int inputs, int outputs)
    {
        var graph = Graph([rows, inputs], [rows, outputs]);
        switch (precision)
        {
            case WeightPrecision.EightBit:
                graph.Initializer.Add(Tensor("w", TensorProto.Types.DataType.Int8, Integers(inputs * (long)outputs, -64, 64), inputs, outputs));
                graph.Initializer.Add(Tensor("scale", TensorProto.Types.DataType.Float, Singles(outputs), outputs));
                graph.Node.Add(new NodeProto { OpType = "DynamicQuantizeMatMul", Domain = Microsoft, Input = { Input, "w", "scale" }, Output = { Output } });
                break;
            case WeightPrecision.FourBit:
                var blocks = (inputs + KernelPlanner.Int4Block - 1) / KernelPlanner.Int4Block;
                graph.Initializer.Add(Tensor(
                    "w", TensorProto.Types.DataType.Uint8, Integers(outputs * (long)blocks * KernelPlanner.Int4Block / 2, 0, 256), outputs, blocks, KernelPlanner.Int4Block / 2));
                graph.Initializer.Add(Tensor("scale", TensorProto.Types.DataType.Float, Singles(outputs * blocks), outputs * blocks));
                var node = new NodeProto { OpType = "MatMulNBits", Domain = Microsoft, Input = { Input, "w", "scale" }, Output = { Output } };
                node.Set("K", inputs);
                node.Set("N", outputs);
                node.Set("bits", 4);
                node.Set("block_size", KernelPlanner.Int4Block);
                // Activations in 8 bits: the fastest that ONNX Runtime has.
                node.Set("accuracy_level", 4);
                graph.Node.Add(node);
                break;
            default:
                graph.Initializer.Add(Tensor("w", TensorProto.Types.DataType.Float, Singles(inputs * (long)outputs), inputs, outputs));
                graph.Node.Add(new NodeProto { OpType = "MatMul", Input = { Input, "w" }, Output = { Output } });
                break;
        }

        return Model(graph);
    }

    /// <summary>A chain of built-in nodes that do next to nothing.</summary>
    public static byte[] Chain(int length, int elements) =>
        Chain(length, elements, null, (from, to) => new NodeProto { OpType = "Abs", Input = { from }, Output = { to } });

    /// <summary>A chain of sparse multiplications by weights that are all zero.</summary>
    public static byte[] SparseChain(int length, PackedFormat format, int elements)
    {
        var packed = format.Pack(WeightMatrix.FromSingles(new float[elements * elements], elements, elements));
        return Chain(length, elements, packed, (from, to) => SparseNode(format, from, to, elements, elements));
    }

    /// <summary>A convolution without weights: its image is brought to channels-last and its result, as large, back.</summary>
    public static byte[] EmptyConvolution(PackedFormat format, int channels, int side)
    {
        var graph = Graph([1, channels, side, side], [1, channels, side, side]);
        var packed = format.Pack(WeightMatrix.FromSingles(new float[channels * channels], channels, channels));
        graph.Initializer.Add(Tensor("w", TensorProto.Types.DataType.Uint8, packed, packed.Length));
        var node = SparseNode(format, Input, Output, channels, channels);
        node.OpType = "SparseConv";
        node.Set("kernel_shape", [1, 1]);
        node.Set("strides", [1, 1]);
        node.Set("pads", [0, 0, 0, 0]);
        node.Set("dilations", [1, 1]);
        graph.Node.Add(node);
        return Model(graph);
    }

    /// <summary>Ones times the largest int8: 127 for each input, unless sums of two products saturate at 16 bits.</summary>
    public static byte[] LargestProducts(int inputs)
    {
        var graph = Graph([1, inputs], [1, 1]);
        graph.Initializer.Add(Tensor("w", TensorProto.Types.DataType.Int8, [.. Enumerable.Repeat((byte)127, inputs)], inputs, 1));
        graph.Initializer.Add(Tensor("scale", TensorProto.Types.DataType.Float, BitConverter.GetBytes(1f), 1));
        graph.Node.Add(new NodeProto { OpType = "DynamicQuantizeMatMul", Domain = Microsoft, Input = { Input, "w", "scale" }, Output = { Output } });
        return Model(graph);
    }

    private static byte[] Chain(int length, int elements, byte[]? packed, Func<string, string, NodeProto> node)
    {
        var graph = Graph([1, elements], [1, elements]);
        if (packed is not null)
            graph.Initializer.Add(Tensor("w", TensorProto.Types.DataType.Uint8, packed, packed.Length));
        for (var i = 0; i < length; i++)
            graph.Node.Add(node(i == 0 ? Input : $"h{i}", i == length - 1 ? Output : $"h{i + 1}"));
        return Model(graph);
    }

    private static NodeProto SparseNode(PackedFormat format, string from, string to, int inputs, int outputs)
    {
        var node = new NodeProto { OpType = "SparseMatMul", Domain = "prunebuild", Input = { from, "w" }, Output = { to } };
        node.Set("K", inputs);
        node.Set("N", outputs);
        node.Set("format", format.Name);
        return node;
    }

    private static GraphProto Graph(long[] input, long[] output) => new()
    {
        Name = "timed",
        Input = { Value(Input, input) },
        Output = { Value(Output, output) },
    };

    private static byte[] Model(GraphProto graph) => new ModelProto
    {
        IrVersion = 8,
        Graph = graph,
        OpsetImport =
        {
            new OperatorSetIdProto { Domain = "", Version = Opset },
            new OperatorSetIdProto { Domain = Microsoft, Version = 1 },
            new OperatorSetIdProto { Domain = "prunebuild", Version = 1 },
        },
    }.ToByteArray();

    private static TensorProto Tensor(string name, TensorProto.Types.DataType type, byte[] data, params long[] shape) =>
        new() { Name = name, DataType = (int)type, Dims = { shape }, RawData = UnsafeByteOperations.UnsafeWrap(data) };

    private static ValueInfoProto Value(string name, long[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dimension });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }

    private static byte[] Integers(long count, int from, int to)
    {
        var random = new Random(1);
        var values = new byte[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (byte)random.Next(from, to);
        return values;
    }

    private static byte[] Singles(long count)
    {
        var random = new Random(1);
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
