using System.Runtime.InteropServices;
using Google.Protobuf;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Benchmarks.Models;

/// <summary>
/// A pre-norm transformer encoder of edge size with random weights: hidden 768, 12 heads, feed-forward 3072 (the shape of BERT base
/// and ViT-B), attention as ONNX Runtime's own fused operator.
/// </summary>
internal sealed class Transformer
{
    private const int Hidden = 768;
    private const int Inner = 3072;
    private const int Heads = 12;

    private readonly Random random = new(5);
    private readonly bool isInt8;
    private readonly ModelProto model;

    private Transformer(int blocks, int positions, bool isInt8)
    {
        this.isInt8 = isInt8;
        model = new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 }, new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 } },
            Graph = new GraphProto { Name = "transformer", Input = { Value("x", positions) } },
        };
        var x = "x";
        for (var block = 0; block < blocks; block++)
            x = Block(x, $"block{block}");
        model.Graph.Output.Add(Value(x, positions));
    }

    /// <summary>The model in float32.</summary>
    public static ModelProto Create(int blocks, int positions) => new Transformer(blocks, positions, isInt8: false).model;

    /// <summary>The model with every linear layer as DynamicQuantizeMatMul, ONNX Runtime's fastest int8 for them.</summary>
    public static ModelProto CreateInt8(int blocks, int positions) => new Transformer(blocks, positions, isInt8: true).model;

    private string Block(string x, string name)
    {
        var normal = Normalize(x, $"{name}.attention.norm");
        var attention = Node("MultiHeadAttention", "com.microsoft", $"{name}.attention",
            Linear(normal, Hidden, Hidden, $"{name}.q"), Linear(normal, Hidden, Hidden, $"{name}.k"), Linear(normal, Hidden, Hidden, $"{name}.v"));
        model.Graph.Node[^1].Set("num_heads", Heads);
        x = Node("Add", "", $"{name}.sum1", x, Linear(attention, Hidden, Hidden, $"{name}.o"));
        var inner = Node("Gelu", "com.microsoft", $"{name}.gelu", Linear(Normalize(x, $"{name}.mlp.norm"), Hidden, Inner, $"{name}.up"));
        return Node("Add", "", $"{name}.sum2", x, Linear(inner, Inner, Hidden, $"{name}.down"));
    }

    private string Normalize(string x, string name)
    {
        Initializer($"{name}.scale", DataType.Float, MemoryMarshal.AsBytes<float>([.. Enumerable.Repeat(1f, Hidden)]), Hidden);
        Initializer($"{name}.bias", DataType.Float, MemoryMarshal.AsBytes<float>(Values(Hidden)), Hidden);
        return Node("LayerNormalization", "", name, x, $"{name}.scale", $"{name}.bias");
    }

    private string Linear(string x, int inputs, int outputs, string name)
    {
        Initializer($"{name}.b", DataType.Float, MemoryMarshal.AsBytes<float>(Values(outputs)), outputs);
        if (!isInt8)
        {
            Initializer($"{name}.w", DataType.Float, MemoryMarshal.AsBytes<float>(Values(inputs * outputs)), inputs, outputs);
            return Node("Add", "", $"{name}.out", Node("MatMul", "", name, x, $"{name}.w"), $"{name}.b");
        }

        Initializer($"{name}.w", DataType.Int8, MemoryMarshal.AsBytes<sbyte>([.. Values(inputs * outputs).Select(value => (sbyte)(value * 1270))]), inputs, outputs);
        Initializer($"{name}.s", DataType.Float, MemoryMarshal.AsBytes<float>([.. Enumerable.Repeat(1 / 1270f, outputs)]), outputs);
        return Node("DynamicQuantizeMatMul", "com.microsoft", name, x, $"{name}.w", $"{name}.s", "", $"{name}.b");
    }

    private string Node(string op, string domain, string name, params string[] inputs)
    {
        model.Graph.Node.Add(new NodeProto { OpType = op, Domain = domain, Name = name, Input = { inputs }, Output = { $"{name}:y" } });
        return $"{name}:y";
    }

    private void Initializer(string name, DataType type, ReadOnlySpan<byte> bytes, params long[] shape) =>
        model.Graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(bytes) });

    private float[] Values(int count)
    {
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = (random.NextSingle() - 0.5f) * 0.1f;
        return values;
    }

    private static ValueInfoProto Value(string name, int positions) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)DataType.Float,
                Shape = new TensorShapeProto
                {
                    Dim =
                    {
                        new TensorShapeProto.Types.Dimension { DimValue = 1 },
                        new TensorShapeProto.Types.Dimension { DimValue = positions },
                        new TensorShapeProto.Types.Dimension { DimValue = Hidden },
                    },
                },
            },
        },
    };
}
