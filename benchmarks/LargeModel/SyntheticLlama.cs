using Google.Protobuf;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>
/// A decoder with the sizes of TinyLlama-1.1B and random weights: RMS norms, grouped-query attention, gated feed-forward with SiLU.
/// Rotary embedding and the causal mask are left out: they have no weights.
/// </summary>
internal sealed class SyntheticLlama
{
    public const int Vocabulary = 32_000;
    public const int Tokens = 128;

    private const int Hidden = 2048;
    private const int Inner = 5632;
    private const int Groups = 4;
    private const int HeadsOfGroup = 8;
    private const int HeadSize = 64;

    private readonly GraphProto graph = new() { Name = "llama" };
    private readonly ExternalWeights weights;

    private SyntheticLlama(ExternalWeights weights) => this.weights = weights;

    public static void Write(string path, int layers)
    {
        using var weights = new ExternalWeights(path);
        var llama = new SyntheticLlama(weights);
        llama.Build(layers);
        var model = new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } }, Graph = llama.graph };
        File.WriteAllBytes(path, model.ToByteArray());
    }

    private void Build(int layers)
    {
        graph.Input.Add(new ValueInfoProto
        {
            Name = "input_ids",
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)DataType.Int64,
                    Shape = new TensorShapeProto
                    {
                        Dim = { new TensorShapeProto.Types.Dimension { DimValue = 1 }, new TensorShapeProto.Types.Dimension { DimValue = Tokens } },
                    },
                },
            },
        });
        Integers("queries", 0, 0, Groups, HeadsOfGroup, HeadSize);
        Integers("keys", 0, 0, Groups, 1, HeadSize);
        Integers("rows", 0, 0, Hidden);
        Floats("two", 2);
        Floats("epsilon", 1e-5f);
        Floats("scale", 1 / MathF.Sqrt(HeadSize));
        graph.Initializer.Add(weights.Matrix("embedding", Vocabulary, Hidden));
        var x = Node("Gather", "x0", ["embedding", "input_ids"]);
        for (var layer = 0; layer < layers; layer++)
            x = FeedForward(Attention(x, $"l{layer}."), $"l{layer}.");
        Linear("logits", Norm(x, "final."), Hidden, Vocabulary, "lm_head");
        graph.Output.Add(new ValueInfoProto { Name = "logits" });
    }

    private string Attention(string x, string p)
    {
        var normed = Norm(x, p + "attention.");
        var q = Transposed(Node("Reshape", p + "q5", [Linear(p + "q", normed, Hidden, Hidden), "queries"]), p + "qt", 0, 2, 3, 1, 4);
        var k = Transposed(Node("Reshape", p + "k5", [Linear(p + "k", normed, Hidden, Groups * HeadSize), "keys"]), p + "kt", 0, 2, 3, 4, 1);
        var v = Transposed(Node("Reshape", p + "v5", [Linear(p + "v", normed, Hidden, Groups * HeadSize), "keys"]), p + "vt", 0, 2, 3, 1, 4);
        var scores = Node("Mul", p + "scaled", [Node("MatMul", p + "scores", [q, k]), "scale"]);
        var mixed = Node("MatMul", p + "mixed", [Node("Softmax", p + "shares", [scores]), v]);
        var joined = Node("Reshape", p + "joined", [Transposed(mixed, p + "mt", 0, 3, 1, 2, 4), "rows"]);
        return Node("Add", p + "attended", [x, Linear(p + "o", joined, Hidden, Hidden)]);
    }

    private string FeedForward(string x, string p)
    {
        var normed = Norm(x, p + "mlp.");
        var gate = Linear(p + "gate", normed, Hidden, Inner);
        var active = Node("Mul", p + "active", [gate, Node("Sigmoid", p + "sigmoid", [gate])]);
        var product = Node("Mul", p + "product", [active, Linear(p + "up", normed, Hidden, Inner)]);
        return Node("Add", p + "out", [x, Linear(p + "down", product, Inner, Hidden)]);
    }

    private string Norm(string x, string p)
    {
        var mean = Node("ReduceMean", p + "mean", [Node("Pow", p + "square", [x, "two"])]);
        graph.Node[^1].Attribute.Add(new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints, Ints = { -1 } });
        var root = Node("Sqrt", p + "root", [Node("Add", p + "above", [mean, "epsilon"])]);
        Floats(p + "gamma", [.. Enumerable.Repeat(1f, Hidden)]);
        return Node("Mul", p + "normed", [Node("Div", p + "divided", [x, root]), p + "gamma"]);
    }

    private string Linear(string output, string input, int rows, int columns, string? weight = null)
    {
        weight ??= output + ".weight";
        graph.Initializer.Add(weights.Matrix(weight, rows, columns));
        return Node("MatMul", output, [input, weight]);
    }

    private string Transposed(string input, string output, params long[] order)
    {
        Node("Transpose", output, [input]);
        graph.Node[^1].Attribute.Add(new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints, Ints = { order } });
        return output;
    }

    private string Node(string op, string output, string[] inputs)
    {
        graph.Node.Add(new NodeProto { Name = output, OpType = op, Input = { inputs }, Output = { output } });
        return output;
    }

    private void Floats(string name, params float[] values) => graph.Initializer.Add(values.Length == 1
        ? new TensorProto { Name = name, DataType = (int)DataType.Float, FloatData = { values } }
        : new TensorProto { Name = name, DataType = (int)DataType.Float, Dims = { values.Length }, FloatData = { values } });

    private void Integers(string name, params long[] values) =>
        graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)DataType.Int64, Dims = { values.Length }, Int64Data = { values } });
}
