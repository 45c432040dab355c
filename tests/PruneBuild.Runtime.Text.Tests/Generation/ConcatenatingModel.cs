using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Tests.Generation;

/// <summary>
/// A model as exporters without fused attention make it: the cache, of halves here, goes in at its length and comes out longer. Its logits are
/// those of the last token's features and the mean of all features, (e + mean)·W.
/// </summary>
internal static class ConcatenatingModel
{
    public const int Vocabulary = 12;

    private const int Heads = 2;
    private const int HeadSize = 4;
    private const int Features = Heads * HeadSize;

    private static readonly float[] Table = Draw(1, Vocabulary * Features);
    private static readonly float[] Weights = Draw(2, Features * Vocabulary);

    public static void Write(string path)
    {
        var graph = new GraphProto { Name = "concatenating" };
        graph.Input.Add(Value("input_ids", DataType.Int64, "b", "s"));
        graph.Output.Add(Value("logits", DataType.Float16, "b", "s", Vocabulary));
        graph.Initializer.Add(Floats("table", Table, Vocabulary, Features));
        graph.Initializer.Add(Floats("weights", Weights, Features, Vocabulary));
        graph.Initializer.Add(Integers("split", 1, -1, Heads, HeadSize));
        graph.Initializer.Add(Integers("join", 1, 1, Features));
        graph.Initializer.Add(Integers("positions", 2));
        graph.Node.Add(Node("Gather", "e", ["table", "input_ids"]));
        graph.Node.Add(Node("Cast", "halves", ["e"], ("to", (long)DataType.Float16)));
        graph.Node.Add(Node("Reshape", "heads", ["halves", "split"]));
        var transposed = Node("Transpose", "new", ["heads"]);
        var permutation = new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints };
        permutation.Ints.Add([0, 2, 1, 3]);
        transposed.Attribute.Add(permutation);
        graph.Node.Add(transposed);
        foreach (var kind in new[] { "key", "value" })
        {
            graph.Input.Add(Value($"past_key_values.0.{kind}", DataType.Float16, "b", Heads, "p", HeadSize));
            graph.Output.Add(Value($"present.0.{kind}", DataType.Float16, "b", Heads, "t", HeadSize));
            graph.Node.Add(Node("Concat", $"present.0.{kind}", [$"past_key_values.0.{kind}", "new"], ("axis", 2)));
        }
        graph.Node.Add(Node("Cast", "all", ["present.0.value"], ("to", (long)DataType.Float)));
        graph.Node.Add(Node("ReduceMean", "mean", ["all", "positions"], ("keepdims", 1)));
        graph.Node.Add(Node("Reshape", "joined", ["mean", "join"]));
        graph.Node.Add(Node("Add", "sum", ["e", "joined"]));
        graph.Node.Add(Node("MatMul", "wide", ["sum", "weights"]));
        graph.Node.Add(Node("Cast", "logits", ["wide"], ("to", (long)DataType.Float16)));
        var model = new ModelProto { IrVersion = 10, ProducerName = "test", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 21 });
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
    }

    /// <summary>The logits after the last token.</summary>
    public static float[] Logits(int[] tokens) => [.. Enumerable.Range(0, Vocabulary).Select(token => (float)Enumerable.Range(0, Features).Sum(feature =>
        (Table[(tokens[^1] * Features) + feature] + tokens.Average(one => (double)Table[(one * Features) + feature])) * Weights[(feature * Vocabulary) + token]))];

    private static NodeProto Node(string type, string output, string[] inputs, params (string Name, long Value)[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = output, Output = { output } };
        node.Input.Add(inputs);
        foreach (var (name, value) in attributes)
            node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value });
        return node;
    }

    private static ValueInfoProto Value(string name, DataType type, params object[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
            shape.Dim.Add(dimension is int size ? new TensorShapeProto.Types.Dimension { DimValue = size } : new TensorShapeProto.Types.Dimension { DimParam = (string)dimension });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private static TensorProto Floats(string name, float[] values, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.Add(shape);
        tensor.FloatData.Add(values);
        return tensor;
    }

    private static TensorProto Integers(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Int64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        return tensor;
    }

    private static float[] Draw(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
    }
}
