using Google.Protobuf;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests;

/// <summary>Small model messages, put together by the tests.</summary>
internal static class TestModels
{
    public static ModelProto Model(params NodeProto[] nodes)
    {
        var model = new ModelProto
        {
            IrVersion = 8,
            ProducerName = "tests",
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = new GraphProto { Name = "graph" },
        };
        model.Graph.Node.Add(nodes);
        return model;
    }

    /// <summary>y = x, float, any shape.</summary>
    public static ModelProto Identity()
    {
        var model = Model(Node("Identity", ["x"], "y"));
        model.Graph.Input.Add(Value("x", DataType.Float, 2));
        model.Graph.Output.Add(Value("y", DataType.Float, 2));
        return model;
    }

    /// <summary>y = x + w with w [4] = 1, 2, 3, 4 in raw data.</summary>
    public static ModelProto AddWeight(params TensorProto[] more)
    {
        var model = Model(Node("Add", ["x", "w"], "y"));
        model.Graph.Input.Add(Value("x", DataType.Float, 4));
        model.Graph.Output.Add(Value("y", DataType.Float, 4));
        model.Graph.Initializer.Add(Floats("w", [4], 1, 2, 3, 4));
        model.Graph.Initializer.Add(more);
        return model;
    }

    public static NodeProto Node(string opType, string[] inputs, params string[] outputs) =>
        new() { OpType = opType, Name = $"{opType}_{outputs[0]}", Input = { inputs }, Output = { outputs } };

    public static ValueInfoProto Value(string name, DataType type, params long[] shape)
    {
        var dims = new TensorShapeProto();
        dims.Dim.Add(shape.Select(dimension => new TensorShapeProto.Types.Dimension { DimValue = dimension }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims } },
        };
    }

    public static TensorProto Raw(string name, DataType type, long[] shape, byte[] data) =>
        new() { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(data) };

    public static TensorProto Floats(string name, long[] shape, params float[] values) =>
        Raw(name, DataType.Float, shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static TensorProto External(string name, long[] shape, string location, long? offset = null, long? length = null)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)DataType.Float,
            Dims = { shape },
            DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData = { new StringStringEntryProto { Key = "location", Value = location } },
        };
        if (offset is { } start)
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{start}" });
        if (length is { } bytes)
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{bytes}" });
        return tensor;
    }

    public static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
