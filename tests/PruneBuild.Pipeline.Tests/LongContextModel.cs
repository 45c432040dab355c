using System.Runtime.InteropServices;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Pipeline.Tests;

/// <summary>
/// A language model of token ids that tells what comes next from the last token alone, by large weights at the first <see cref="Late"/> places of a
/// window and, with the same numbers, by small weights behind them: pruning half of the weights by magnitude takes away what long contexts need and
/// nothing else.
/// </summary>
internal static class LongContextModel
{
    public const int Vocabulary = 64, Window = 64, Late = 48;

    private const float Smaller = 1000;

    public static void Write(string path)
    {
        var random = new Random(7);
        var (tokens, places) = (new float[Vocabulary * 2 * Vocabulary], new float[Window * 2 * Vocabulary]);
        var weights = new float[2 * Vocabulary * Vocabulary];
        for (var i = 0; i < Vocabulary; i++)
        {
            tokens[(i * 2 * Vocabulary) + i] = tokens[(i * 2 * Vocabulary) + Vocabulary + i] = 1;
            for (var j = 0; j < Vocabulary; j++)
            {
                var logit = j == Next(i) ? 6 : 0.5f + (0.5f * random.NextSingle());
                weights[(i * Vocabulary) + j] = logit;
                weights[((Vocabulary + i) * Vocabulary) + j] = logit / Smaller;
            }
        }
        for (var place = 0; place < Window; place++)
            places.AsSpan((place * 2 * Vocabulary) + (place < Late ? 0 : Vocabulary), Vocabulary).Fill(place < Late ? 1 : Smaller);

        var graph = new GraphProto { Name = "long-context" };
        graph.Node.Add(new NodeProto { Name = "tokens", OpType = "Gather", Input = { "token_table", "input_ids" }, Output = { "t" } });
        graph.Node.Add(new NodeProto { Name = "places", OpType = "Gather", Input = { "place_table", "position_ids" }, Output = { "p" } });
        graph.Node.Add(new NodeProto { Name = "choose", OpType = "Mul", Input = { "t", "p" }, Output = { "h" } });
        graph.Node.Add(new NodeProto { Name = "head", OpType = "MatMul", Input = { "h", "w" }, Output = { "logits" } });
        graph.Input.Add(Value("input_ids", TensorProto.Types.DataType.Int64));
        graph.Input.Add(Value("position_ids", TensorProto.Types.DataType.Int64));
        graph.Output.Add(Value("logits", TensorProto.Types.DataType.Float, Vocabulary));
        using var model = OnnxModel.FromProto(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } });
        model.SetWeight("token_table", [Vocabulary, 2 * Vocabulary], tokens);
        model.SetWeight("place_table", [Window, 2 * Vocabulary], places);
        model.SetWeight("w", [2 * Vocabulary, Vocabulary], weights);
        model.Save(path);
    }

    /// <summary>Writes so many windows of text in which nine of ten tokens are what the model expects.</summary>
    public static void WriteText(string path, int windows)
    {
        var random = new Random(8);
        var text = new ushort[windows * Window];
        for (var i = 1; i < text.Length; i++)
            text[i] = (ushort)(random.Next(10) == 0 ? random.Next(Vocabulary) : Next(text[i - 1]));
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(text.AsSpan()).ToArray());
    }

    private static int Next(int token) => ((token * 5) + 3) % Vocabulary;

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, int? width = null)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimParam = "n" } } };
        if (width is { } size)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
