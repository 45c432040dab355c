using MeterReader.Training;
using PruneBuild.Compression.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace HomeAssistant.Training;

/// <summary>A Llama decoder (Touvron et al. 2023) whose weights lie in one buffer, so that an optimizer step is a handful of operations.</summary>
internal sealed class LlamaNetwork : ILanguageModel, IDisposable
{
    private readonly Tensor cosines;
    private readonly Tensor sines;
    private Tensor? mask;

    public LlamaNetwork(NetworkShape shape, int positions)
    {
        Shape = shape;
        Weights = Start(shape).DetachFromDisposeScope();
        Weights.requires_grad = true;
        using var scope = NewDisposeScope();
        var frequencies = tensor(Enumerable.Range(0, shape.HeadSize / 2).Select(i => (float)Math.Pow(NetworkShape.RopeTheta, -2.0 * i / shape.HeadSize)).ToArray());
        var angles = outer(arange(positions, dtype: ScalarType.Float32), frequencies);
        angles = cat([angles, angles], 1);
        (cosines, sines) = (angles.cos().DetachFromDisposeScope(), angles.sin().DetachFromDisposeScope());
    }

    public NetworkShape Shape { get; }

    /// <summary>All weights, in the order of <see cref="NetworkShape.Tensors"/>.</summary>
    public Tensor Weights { get; }

    /// <summary>Whether <see cref="Logits(Tensor)"/> does without the blocks of <see cref="LeaveOutSmallestBlocks"/>.</summary>
    public bool IsSparse { get; set; }

    /// <summary>Chooses the given share of the smallest blocks of every linear layer, to be left out. The weights keep their values.</summary>
    public void LeaveOutSmallestBlocks(double sparsity)
    {
        mask?.Dispose();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parts = Named(Weights).Select(part => part.Tensor.IsLinear ? WeightBlocks.LargestMask(part.Values, sparsity).flatten() : ones([part.Tensor.Count]));
        mask = cat([.. parts], 0).DetachFromDisposeScope();
    }

    /// <summary>Tokens [rows, length] to logits [rows, length, vocabulary].</summary>
    public Tensor Logits(Tensor tokens)
    {
        var parts = new Queue<Tensor>(Cut(IsSparse ? Weights * mask! : Weights, Fused()));
        var length = tokens.shape[1];
        var (cosine, sine) = (cosines.narrow(0, 0, length), sines.narrow(0, 0, length));
        var embedding = parts.Dequeue();
        var x = embedding.index_select(0, tokens.flatten()).view(tokens.shape[0], length, Shape.Hidden);
        for (var layer = 0; layer < Shape.Layers; layer++)
        {
            x = x.Plus(Attend(Normalize(x, parts.Dequeue()), parts.Dequeue(), parts.Dequeue(), cosine, sine));
            var inner = nn.functional.linear(Normalize(x, parts.Dequeue()), parts.Dequeue()).chunk(2, -1);
            x = x.Plus(nn.functional.linear(nn.functional.silu(inner[0]) * inner[1], parts.Dequeue()));
        }
        return nn.functional.linear(Normalize(x, parts.Dequeue()), embedding);
    }

    /// <inheritdoc/>
    public float[] Logits(long[] tokens, IReadOnlyList<int> lengths)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return Logits(tensor(tokens, [lengths.Count, tokens.Length / lengths.Count])).contiguous().data<float>().ToArray();
    }

    /// <summary>Rounds the weights to float16, as they are stored.</summary>
    public void RoundToHalf()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Weights.copy_(Weights.to(ScalarType.Float16).to(ScalarType.Float32));
    }

    /// <summary>The weights by name, views of a buffer in the order of <see cref="Weights"/>.</summary>
    public IEnumerable<(NamedTensor Tensor, Tensor Values)> Named(Tensor buffer) => Shape.Tensors.Zip(Cut(buffer, [.. Shape.Tensors.Select(tensor => tensor.Shape)]));

    public void Dispose()
    {
        Weights.Dispose();
        cosines.Dispose();
        sines.Dispose();
        mask?.Dispose();
    }

    private Tensor Attend(Tensor x, Tensor queryKeyValue, Tensor output, Tensor cosine, Tensor sine)
    {
        var (rows, length) = (x.shape[0], x.shape[1]);
        var all = nn.functional.linear(x, queryKeyValue).view(rows, length, Shape.Heads + 2 * Shape.KeyValueHeads, Shape.HeadSize).transpose(1, 2);
        var group = Shape.Heads / Shape.KeyValueHeads;
        var query = Rotate(all.narrow(1, 0, Shape.Heads), cosine, sine);
        var key = Rotate(all.narrow(1, Shape.Heads, Shape.KeyValueHeads), cosine, sine).repeat_interleave(group, 1);
        var value = all.narrow(1, Shape.Heads + Shape.KeyValueHeads, Shape.KeyValueHeads).repeat_interleave(group, 1);
        var attended = nn.functional.scaled_dot_product_attention(query, key, value, is_casual: true);
        return nn.functional.linear(attended.transpose(1, 2).reshape(rows, length, Shape.Hidden), output);
    }

    private static Tensor Rotate(Tensor x, Tensor cosine, Tensor sine)
    {
        var halves = x.chunk(2, -1);
        return (x * cosine).Plus(cat([-halves[1], halves[0]], -1) * sine);
    }

    private static Tensor Normalize(Tensor x, Tensor scale) =>
        x * x.square().mean([-1], keepdim: true).Plus(Scalars.Of(NetworkShape.Epsilon)).rsqrt() * scale;

    /// <summary>The tensors of the buffer with queries, keys and values in one, and gate and up in one: fewer, larger products.</summary>
    private List<long[]> Fused()
    {
        var shape = Shape;
        return
        [
            [shape.Vocabulary, shape.Hidden],
            .. Enumerable.Range(0, shape.Layers).SelectMany(_ => new long[][]
            {
                [shape.Hidden], [shape.Hidden + 2 * shape.KeyValueSize, shape.Hidden], [shape.Hidden, shape.Hidden],
                [shape.Hidden], [2 * shape.FeedForward, shape.Hidden], [shape.Hidden, shape.FeedForward],
            }),
            [shape.Hidden],
        ];
    }

    private static IEnumerable<Tensor> Cut(Tensor buffer, IReadOnlyList<long[]> shapes) =>
        buffer.split([.. shapes.Select(shape => shape.Aggregate(1L, (product, size) => product * size))], 0).Zip(shapes, (part, shape) => part.view(shape));

    private static Tensor Start(NetworkShape shape)
    {
        using var scope = NewDisposeScope();
        var narrow = 0.04 / Math.Sqrt(2 * shape.Layers);
        return cat([.. shape.Tensors.Select(tensor => tensor.Shape.Length == 1
            ? ones([tensor.Count])
            : randn([tensor.Count]) * Scalars.Of(tensor.Name.Contains("o_proj", StringComparison.Ordinal) || tensor.Name.Contains("down_proj", StringComparison.Ordinal) ? narrow : 0.04))], 0)
            .MoveToOuterDisposeScope();
    }
}
