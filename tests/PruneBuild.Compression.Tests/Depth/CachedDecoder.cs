using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Depth;

/// <summary>
/// A decoder of attention and feed-forward blocks with a key-value cache, on hidden states [1, S, 8]. Positions start at the number
/// of cached tokens, which the first layer's keys tell.
/// </summary>
/// <param name="Past">Format of the names of cache inputs, from layer and kind.</param>
/// <param name="Present">Format of the names of cache outputs.</param>
internal sealed record CachedDecoder(string Past = "past_key_values.{0}.{1}", string Present = "present.{0}.{1}")
{
    public const int Width = 8;
    public const int Heads = 2;
    public const int HeadSize = 4;
    public const int PastTokens = 3;
    public const int Tokens = 2;

    private static readonly string[] Kinds = ["key", "value"];

    /// <summary>Layers by their number in the weights' names, with which of the two blocks they have.</summary>
    public OnnxModel Build(params (int Layer, bool Attention, bool FeedForward)[] layers)
    {
        var cached = layers.Where(layer => layer.Attention).ToList();
        var graph = new GraphProto { Name = "decoder" };
        graph.Input.Add(Value("x", 1, null, Width));
        var weights = new List<(string, long[], float[])>();
        var hidden = "x";
        if (cached.Count > 0)
        {
            graph.Node.Add(TestModels.Node("Shape", [Name(Past, 0, "key")], "shape"));
            graph.Node.Add(TestModels.Node("Gather", ["shape", "two"], "count", ("axis", 0L)));
            graph.Node.Add(TestModels.Node("Cast", ["count"], "position", ("to", 1L)));
            graph.Node.Add(TestModels.Node("Mul", ["position", "slope"], "shift"));
            graph.Node.Add(TestModels.Node("Add", ["x", "shift"], hidden = "placed"));
            weights.Add(("slope", [Width], TestModels.Random(5, Width, 0.2)));
        }
        foreach (var (layer, attention, feedForward) in layers)
        {
            if (attention)
                hidden = Attention(graph, weights, hidden, layer, cached.FindIndex(other => other.Layer == layer));
            if (feedForward)
                hidden = FeedForward(graph, weights, hidden, layer);
        }
        graph.Node.Add(TestModels.Node("MatMul", [hidden, "head"], "y"));
        graph.Output.Insert(0, new ValueInfoProto { Name = "y" });
        weights.Add(("head", [Width, Width], TestModels.Random(6, Width * Width)));
        var proto = new ModelProto { IrVersion = 8, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        var model = OnnxModel.FromProto(proto);
        foreach (var (name, shape, values) in weights)
            model.SetWeight(name, shape, values);
        if (cached.Count > 0)
            model.SetWeight("two", TensorProto.Types.DataType.Int64, [], BitConverter.GetBytes(2L));
        model.SetWeight("split", TensorProto.Types.DataType.Int64, [4], new long[] { 0, 0, Heads, HeadSize }.SelectMany(BitConverter.GetBytes).ToArray());
        model.SetWeight("join", TensorProto.Types.DataType.Int64, [3], new long[] { 0, 0, Width }.SelectMany(BitConverter.GetBytes).ToArray());
        return model;
    }

    /// <summary>Inputs of a model of these layers, the cache of a layer always the same.</summary>
    public CalibrationBatch Inputs(params int[] layers) => new(layers
        .SelectMany((layer, index) => Kinds.Select((kind, which) => (Name(Past, index, kind),
            new CalibrationTensor(TestModels.Random((10 * layer) + which + 40, Heads * PastTokens * HeadSize), [1, Heads, PastTokens, HeadSize]))))
        .Append(("x", new CalibrationTensor(TestModels.Random(3, Tokens * Width), [1, Tokens, Width])))
        .ToDictionary(pair => pair.Item1, pair => pair.Item2));

    /// <summary>What ONNX Runtime makes of the inputs, by output.</summary>
    public static Dictionary<string, float[]> Run(OnnxModel model, CalibrationBatch batch)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            using var session = new InferenceSession(path);
            var inputs = batch.Inputs.Where(pair => session.InputNames.Contains(pair.Key))
                .ToDictionary(pair => pair.Key, pair => OrtValue.CreateTensorValueFromMemory((float[])pair.Value.Data, pair.Value.Shape));
            using var run = new RunOptions();
            using var results = session.Run(run, inputs, session.OutputNames);
            foreach (var input in inputs.Values)
                input.Dispose();
            return session.OutputNames.Zip(results, (name, value) => (name, value.GetTensorDataAsSpan<float>().ToArray())).ToDictionary(pair => pair.name, pair => pair.Item2);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static string AttentionOutput(int layer) => $"l{layer}.attended";

    public static string FeedForwardOutput(int layer) => $"l{layer}.out";

    private string Attention(GraphProto graph, List<(string, long[], float[])> weights, string x, int layer, int number)
    {
        var p = $"l{layer}.";
        foreach (var (kind, index) in new[] { "q", "k", "v" }.Select((kind, index) => (kind, index)))
        {
            weights.Add(($"{p}w{kind}", [Width, Width], TestModels.Random((100 * layer) + index, Width * Width)));
            graph.Node.Add(TestModels.Node("MatMul", [x, $"{p}w{kind}"], $"{p}{kind}"));
            graph.Node.Add(TestModels.Node("Reshape", [$"{p}{kind}", "split"], $"{p}{kind}.split"));
            graph.Node.Add(TestModels.Node("Transpose", [$"{p}{kind}.split"], $"{p}{kind}.heads", ("perm", new long[] { 0, 2, 1, 3 })));
        }
        foreach (var (kind, made) in Kinds.Zip(["k", "v"]))
        {
            graph.Input.Add(Value(Name(Past, number, kind), 1, Heads, null, HeadSize));
            graph.Output.Add(new ValueInfoProto { Name = Name(Present, number, kind) });
            // Keys are an output as they are, values through a node of their own: exporters do either.
            var joined = kind == "key" ? Name(Present, number, kind) : $"{p}v.all";
            graph.Node.Add(TestModels.Node("Concat", [Name(Past, number, kind), $"{p}{made}.heads"], joined, ("axis", 2L)));
            if (kind == "value")
                graph.Node.Add(TestModels.Node("Identity", [joined], Name(Present, number, kind)));
        }
        weights.Add(($"{p}wo", [Width, Width], TestModels.Random((100 * layer) + 4, Width * Width)));
        graph.Node.Add(TestModels.Node("Transpose", [Name(Present, number, "key")], $"{p}kt", ("perm", new long[] { 0, 1, 3, 2 })));
        graph.Node.Add(TestModels.Node("MatMul", [$"{p}q.heads", $"{p}kt"], $"{p}scores"));
        graph.Node.Add(TestModels.Node("Softmax", [$"{p}scores"], $"{p}weights", ("axis", -1L)));
        graph.Node.Add(TestModels.Node("MatMul", [$"{p}weights", $"{p}v.all"], $"{p}mixed"));
        graph.Node.Add(TestModels.Node("Transpose", [$"{p}mixed"], $"{p}rows", ("perm", new long[] { 0, 2, 1, 3 })));
        graph.Node.Add(TestModels.Node("Reshape", [$"{p}rows", "join"], $"{p}joined"));
        graph.Node.Add(TestModels.Node("MatMul", [$"{p}joined", $"{p}wo"], $"{p}projected"));
        graph.Node.Add(TestModels.Node("Add", [x, $"{p}projected"], AttentionOutput(layer)));
        return AttentionOutput(layer);
    }

    private static string FeedForward(GraphProto graph, List<(string, long[], float[])> weights, string x, int layer)
    {
        var p = $"l{layer}.";
        weights.Add(($"{p}w1", [Width, Width], TestModels.Random((100 * layer) + 5, Width * Width)));
        weights.Add(($"{p}w2", [Width, Width], TestModels.Random((100 * layer) + 6, Width * Width)));
        graph.Node.Add(TestModels.Node("MatMul", [x, $"{p}w1"], $"{p}inner"));
        graph.Node.Add(TestModels.Node("Tanh", [$"{p}inner"], $"{p}active"));
        graph.Node.Add(TestModels.Node("MatMul", [$"{p}active", $"{p}w2"], $"{p}back"));
        graph.Node.Add(TestModels.Node("Add", [x, $"{p}back"], FeedForwardOutput(layer)));
        return FeedForwardOutput(layer);
    }

    private static string Name(string format, int layer, string kind) => string.Format(System.Globalization.CultureInfo.InvariantCulture, format, layer, kind);

    private static ValueInfoProto Value(string name, params long?[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = new TensorShapeProto() };
        foreach (var dimension in shape)
            tensor.Shape.Dim.Add(dimension is { } size ? new TensorShapeProto.Types.Dimension { DimValue = size } : new TensorShapeProto.Types.Dimension());
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
