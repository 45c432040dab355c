using System.Globalization;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>
/// Writes a decoder as an ONNX graph with a key-value cache: <c>input_ids</c>, <c>attention_mask</c> and
/// <c>past_key_values.N.key/value</c> to <c>logits</c> and <c>present.N.key/value</c>. Attention and root mean square normalization are
/// ONNX Runtime's own operators, linear layers plain MatMuls. Residual additions stay Adds: the runtime fuses them itself, and the
/// methods that look for residual blocks find them.
/// </summary>
internal sealed class DecoderGraph
{
    private const long Opset = 21;
    private const long IrVersion = 10;

    /// <summary>Metadata: tokens of the longest text that is read as a short one; what is cached of it does not serve a longer text.</summary>
    private const string ShortTexts = "prunebuild.short_texts";

    private readonly DecoderArchitecture of;
    private readonly DecoderParts parts;
    private readonly GraphNodes nodes;
    private readonly DecoderAttention attention;

    private DecoderGraph(DecoderArchitecture of, DecoderParts parts, Checkpoint checkpoint)
    {
        (this.of, this.parts, nodes) = (of, parts, new GraphNodes(of.ModelType, checkpoint));
        attention = new DecoderAttention(of, nodes);
    }

    /// <summary>The model without its initializers, and those in the order of their first use.</summary>
    public static (ModelProto Proto, IReadOnlyList<WeightTensor> Weights) Build(DecoderArchitecture of, DecoderParts parts, Checkpoint checkpoint)
    {
        var made = new DecoderGraph(of, parts, checkpoint);
        made.Write();
        var proto = new ModelProto { IrVersion = IrVersion, ProducerName = "PruneBuild", Graph = made.nodes.Graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = GraphNodes.Runtime, Version = 1 });
        if (of.Rotary?.Longer is { } longer)
            proto.MetadataProps.Add(new StringStringEntryProto { Key = ShortTexts, Value = longer.Beyond.ToString(CultureInfo.InvariantCulture) });
        return (proto, made.nodes.Weights);
    }

    private void Write()
    {
        nodes.Graph.Input.Add(GraphNodes.Declared("input_ids", DataType.Int64, "batch_size", "sequence_length"));
        nodes.Graph.Input.Add(GraphNodes.Declared("attention_mask", DataType.Int64, "batch_size", "total_sequence_length"));
        nodes.Graph.Output.Add(GraphNodes.Declared("logits", DataType.Float, "batch_size", "sequence_length", of.Vocabulary));
        var x = nodes.Rows("embedding", parts.Embedding, "input_ids");
        if (parts.Positions is { } positions)
            x = nodes.Apply("embedding.sum", "Add", x, nodes.Rows("positions", positions, attention.Positions));
        for (var number = 0; number < of.Layers; number++)
            x = Layer(number, parts.Layers[number], x);
        var logits = nodes.Linear(parts.Head, nodes.Norm(parts.FinalNorm, of, x));
        if (of.LogitSoftcap is { } cap)
            nodes.Softcap("softcap", cap, logits);
        nodes.Graph.Node[^1].Output[0] = "logits";
    }

    private string Layer(int number, LayerParts layer, string x)
    {
        var attended = attention.Attend(number, layer, nodes.Norm(layer.AttentionNorm, of, x));
        if (layer.AttentionOutputNorm is { } outputNorm)
            attended = nodes.Norm(outputNorm, of, attended);
        if (of.ParallelResidual)
            return nodes.Apply($"{layer.Name}.residual", "Add", x, nodes.Apply($"{layer.Name}.sum", "Add", attended, FeedForward(layer, x)));
        x = nodes.Apply($"{layer.Name}.attention_residual", "Add", x, attended);
        return nodes.Apply($"{layer.Name}.residual", "Add", x, FeedForward(layer, x));
    }

    private string FeedForward(LayerParts layer, string x)
    {
        var normalized = nodes.Norm(layer.FeedForwardNorm, of, x);
        var name = $"{layer.Name}.mlp";
        var inner = nodes.Linear(layer.Up, normalized);
        inner = layer.Gate is { } gate ? nodes.Apply($"{name}.product", "Mul", Activated(name, nodes.Linear(gate, normalized)), inner) : Activated(name, inner);
        var output = nodes.Linear(layer.Down, inner);
        return layer.FeedForwardOutputNorm is { } norm ? nodes.Norm(norm, of, output) : output;
    }

    private string Activated(string name, string x)
    {
        switch (of.Activation)
        {
            case Activation.Silu:
                return nodes.Apply($"{name}.silu", "Mul", x, nodes.Apply($"{name}.sigmoid", "Sigmoid", x));
            case Activation.Relu:
                return nodes.Apply($"{name}.relu", "Relu", x);
            default:
                var node = nodes.Node($"{name}.gelu", "Gelu", [x]);
                node.Set("approximate", of.Activation == Activation.GeluTanh ? "tanh" : "none");
                return node.Output[0];
        }
    }
}
