using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>
/// Attention as ONNX Runtime's GroupQueryAttention, which rotates queries and keys itself where their sizes are what its kernels take;
/// elsewhere RotaryEmbedding does before it. Prompts in a batch are padded on the right, as the operator wants them.
/// Where long texts turn in another way, the rows of theirs follow those of short texts in the same tables, and their positions start there:
/// that costs a token no more, while an If would copy a table for each. A text is long where the attention mask is wider than the
/// short ones, so a runtime that reads a long text in parts can say so from the first part on.
/// </summary>
internal sealed class DecoderAttention
{
    private const string Cosines = "rotary.cos";
    private const string Sines = "rotary.sin";

    private readonly DecoderArchitecture of;
    private readonly GraphNodes nodes;
    private readonly bool rotatesInside;
    private readonly Lazy<string> last;
    private readonly Lazy<string> lengths;
    private readonly Lazy<string> width;
    private readonly Lazy<string> total;
    private readonly Lazy<string> positions;
    private readonly Lazy<string> rows;

    public DecoderAttention(DecoderArchitecture of, GraphNodes nodes)
    {
        (this.of, this.nodes) = (of, nodes);
        rotatesInside = of.Rotary is { Longer: null } rotary && of.HeadSize % 16 == 0 && rotary.Dimensions % 16 == 0;
        last = new(() => nodes.Apply("lengths.last", "Sub", nodes.With("lengths.sum", "ReduceSum", "keepdims", 0, "attention_mask", nodes.Integers(1)), nodes.Integer(1)));
        lengths = new(() => Int32("lengths", last.Value));
        width = new(() => Size("total_length", "attention_mask"));
        total = new(() => Int32("total_length", width.Value));
        positions = new(MakePositions);
        rows = new(MakeRows);
    }

    /// <summary>The position of every token, [batch, sequence]: those of a text follow what is in the cache.</summary>
    public string Positions => positions.Value;

    /// <summary>The attention of a layer, from what is normalized to what adds to the stream.</summary>
    public string Attend(int number, LayerParts layer, string x)
    {
        var query = Heads(nodes.Linear(layer.Query, x), layer.QueryNorm, of.Heads, $"{layer.Name}.query");
        var key = Heads(nodes.Linear(layer.Key, x), layer.KeyNorm, of.KeyValueHeads, $"{layer.Name}.key");
        var value = nodes.Linear(layer.Value, x);
        List<string> inputs = [query, key, value, Past(number, "key"), Past(number, "value"), lengths.Value, total.Value];
        if (rotatesInside)
            inputs.AddRange([Table(Cosines, Math.Cos), Table(Sines, Math.Sin)]);
        var node = nodes.Node($"{layer.Name}.attention", "GroupQueryAttention", inputs, GraphNodes.Runtime);
        node.Output.Add([Present(number, "key"), Present(number, "value")]);
        node.Set("num_heads", of.Heads);
        node.Set("kv_num_heads", of.KeyValueHeads);
        if (rotatesInside)
            node.Set("do_rotary", 1);
        if (of.Windows.Count > 0 && of.Windows[number] is { } window)
            node.Set("local_window_size", window);
        if (of.AttentionScale is { } scale)
            node.Set("scale", scale);
        if (of.AttentionSoftcap is { } cap)
            node.Set("softcap", cap);
        return nodes.Linear(layer.Output, node.Output[0]);
    }

    /// <summary>Queries or keys, normalized head by head and rotated, as far as that happens before the attention.</summary>
    private string Heads(string x, NormPart? norm, int heads, string name)
    {
        if (norm is not null)
        {
            var split = nodes.Apply($"{name}.split", "Reshape", x, nodes.Integers(0, 0, heads, of.HeadSize));
            x = nodes.Apply($"{name}.join", "Reshape", nodes.Norm(norm, of, split), nodes.Integers(0, 0, heads * of.HeadSize));
        }
        if (of.Rotary is not { } rotary || rotatesInside)
            return x;
        var node = nodes.Node($"{name}.rotary", "RotaryEmbedding", [x, rows.Value, Table(Cosines, Math.Cos), Table(Sines, Math.Sin)], GraphNodes.Runtime);
        node.Set("num_heads", heads);
        if (rotary.Dimensions < of.HeadSize)
            node.Set("rotary_embedding_dim", rotary.Dimensions);
        return node.Output[0];
    }

    private string Table(string name, Func<double, double> function)
    {
        var (first, shorter) = (of.Rotary!, of.Rotary!.Longer?.Beyond ?? 0);
        var then = first.Longer?.Rotary ?? first;
        var (before, behind) = (first.Frequencies(), then.Frequencies());
        return nodes.Keep(PartPayload.Table(name, shorter + of.MaxPositions, before.Length, (row, index) => row < shorter
            ? first.Magnitude * function(row * before[index]) : then.Magnitude * function((row - shorter) * behind[index])));
    }

    /// <summary>The row of the tables for every token, [batch, sequence].</summary>
    private string MakeRows()
    {
        if (of.Rotary!.Longer is not { } longer)
            return Positions;
        var isLong = nodes.Apply("rotary.is_long", "Greater", width.Value, nodes.Integer(longer.Beyond));
        return nodes.Apply("rotary.rows", "Add", Positions, nodes.Apply("rotary.first", "Where", isLong, nodes.Integer(longer.Beyond), nodes.Integer(0)));
    }

    private string MakePositions()
    {
        var length = Size("positions.length", "input_ids");
        var cached = nodes.Apply("positions.cached", "Sub", last.Value, nodes.Apply("positions.before_last", "Sub", length, nodes.Integer(1)));
        // A prompt that is padded starts at 0 as well.
        var first = nodes.Apply("positions.first", "Max", cached, nodes.Integer(0));
        return nodes.Apply("positions.ids", "Add", nodes.Apply("positions.column", "Unsqueeze", first, nodes.Integers(1)),
            nodes.Apply("positions.range", "Range", nodes.Integer(0), length, nodes.Integer(1)));
    }

    /// <summary>The second dimension of an input.</summary>
    private string Size(string name, string input) => nodes.Apply($"{name}.size", "Gather", nodes.Apply($"{name}.shape", "Shape", input), nodes.Integer(1));

    private string Int32(string name, string value) => nodes.With(name, "Cast", "to", (long)DataType.Int32, value);

    private string Past(int number, string kind)
    {
        var name = $"past_key_values.{number}.{kind}";
        nodes.Graph.Input.Add(GraphNodes.Declared(name, DataType.Float, "batch_size", of.KeyValueHeads, "past_sequence_length", of.HeadSize));
        return name;
    }

    private string Present(int number, string kind)
    {
        var name = $"present.{number}.{kind}";
        nodes.Graph.Output.Add(GraphNodes.Declared(name, DataType.Float, "batch_size", of.KeyValueHeads, "total_sequence_length", of.HeadSize));
        return name;
    }
}
