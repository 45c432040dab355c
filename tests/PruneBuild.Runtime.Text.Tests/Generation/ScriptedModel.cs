using System.Runtime.InteropServices;
using Google.Protobuf;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime.Text;
using PruneBuild.Tests.Constraints;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Tests.Generation;

/// <summary>
/// A model of bytes without a cache whose logits depend on the position alone: they are random, and wherever a script says so one token is
/// by far the likeliest.
/// </summary>
internal sealed class ScriptedModel : IDisposable
{
    public const int Context = 700;

    private const float Certain = 100;

    private readonly TemporaryFolder folder = new();
    private readonly float[] table = new float[Context * ByteVocabulary.Count];

    public ScriptedModel(int seed = 1)
    {
        var random = new Random(seed);
        foreach (ref var logit in table.AsSpan())
            logit = random.NextSingle();
        ByteVocabulary.Write(folder.Path);
        Tokenizer = TextTokenizer.Load(folder.Path);
    }

    public string Folder => folder.Path;

    public TextTokenizer Tokenizer { get; }

    /// <summary>The template of conversations.</summary>
    public string? Template { get; init; }

    /// <summary>Behind so many tokens comes a text, marks of tool calls as tokens; then the end, unless the text is cut.</summary>
    public ScriptedModel Say(int behind, string text, bool ends = true)
    {
        foreach (var token in Tokenizer.Encode(text, addSpecialTokens: false).Concat(ends ? [ByteVocabulary.End] : []))
            table[((behind++ - 1) * ByteVocabulary.Count) + token] = Certain;
        return this;
    }

    public LanguageModel Open()
    {
        var graph = new GraphProto { Name = "scripted" };
        graph.Input.Add([Value("input_ids", DataType.Int64), Value("position_ids", DataType.Int64)]);
        graph.Output.Add(Value("logits", DataType.Float, ByteVocabulary.Count));
        graph.Initializer.Add(new TensorProto
        {
            Name = "table", DataType = (int)DataType.Float, Dims = { Context, ByteVocabulary.Count }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(table.AsSpan())),
        });
        graph.Node.Add(new NodeProto { OpType = "Gather", Name = "gather", Input = { "table", "position_ids" }, Output = { "logits" } });
        var model = new ModelProto { IrVersion = 10, ProducerName = "test", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 21 });
        File.WriteAllBytes(folder["model.onnx"], model.ToByteArray());
        File.WriteAllText(folder["config.json"], $$"""{ "max_position_embeddings": {{Context}}, "eos_token_id": {{ByteVocabulary.End}} }""");
        if (Template is not null)
            File.WriteAllText(folder["chat_template.jinja"], Template);
        return LanguageModel.Open(folder.Path, new() { Threads = 1 });
    }

    public void Dispose() => folder.Dispose();

    private static ValueInfoProto Value(string name, DataType type, params long[] more)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "b" }, new TensorShapeProto.Types.Dimension { DimParam = "s" } } };
        shape.Dim.Add(more.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
