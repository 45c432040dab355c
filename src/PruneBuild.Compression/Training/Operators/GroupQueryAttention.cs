using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>
/// ONNX Runtime's GroupQueryAttention over whole texts: with an empty cache and without padding. Causal, each key-value head for
/// several query heads (Ainslie et al. 2023), optionally with rotation, a window and capped scores.
/// </summary>
internal sealed class GroupQueryAttention : ITorchOperator
{
    private static readonly string[] Unknown = ["rotary_interleaved", "smooth_softmax", "qk_output"];

    public IReadOnlyList<string> Types { get; } = ["GroupQueryAttention"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var node = call.Node;
        var (heads, groups) = (node.GetInt("num_heads", 1), node.GetInt("kv_num_heads", 1));
        if (Array.Find(Unknown, attribute => node.GetInt(attribute, 0) > 0) is { } unknown)
            throw call.Unsupported(unknown);
        var tokens = call[0].shape[1];
        if (call.Optional(3) is { } past && past.shape[2] > 0)
            throw call.Unsupported("a cache that is not empty");
        if (call.Longs(5)!.Any(last => last != tokens - 1))
            throw call.Unsupported("padding");
        if (Enumerable.Range(9, Math.Max(0, call.Inputs.Count - 9)).Any(index => call.Optional(index) is not null))
            throw call.Unsupported("inputs after the tables");
        var (query, key, value) = (RotaryTurn.Split(call[0], heads), RotaryTurn.Split(call[1], groups), RotaryTurn.Split(call[2], groups));
        if (node.GetInt("do_rotary", 0) != 0)
        {
            var (cosines, sines) = (call[7].narrow(0, 0, tokens), call[8].narrow(0, 0, tokens));
            (query, key) = (RotaryTurn.Apply(query, cosines, sines), RotaryTurn.Apply(key, cosines, sines));
        }
        var scale = node.GetFloat("scale", 0) is var given && given != 0 ? given : 1 / Math.Sqrt(query.shape[3]);
        var scores = query.matmul(Shared(key, heads / groups).transpose(2, 3)) * Scalars.Of(scale);
        if (node.GetFloat("softcap", 0) is var cap and > 0)
            scores = (scores / Scalars.Of(cap)).tanh() * Scalars.Of(cap);
        var mixed = scores.masked_fill(Hidden(tokens, node.GetInt("local_window_size", -1)), Scalars.Of(double.NegativeInfinity)).softmax(-1).matmul(Shared(value, heads / groups));
        return [RotaryTurn.Join(mixed), key.contiguous().clone(), value.contiguous().clone()];
    }

    /// <summary>Every group once for each of its heads.</summary>
    private static torch.Tensor Shared(torch.Tensor groups, long times) => times == 1 ? groups : groups.repeat_interleave(times, 1);

    /// <summary>[tokens, tokens]: what a token, the row, does not see.</summary>
    private static torch.Tensor Hidden(long tokens, long window)
    {
        var all = torch.ones(tokens, tokens, torch.ScalarType.Bool);
        var later = all.triu(1);
        return window > 0 ? later.logical_or(all.tril(-window)) : later;
    }
}
