using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// What a model of tokens wants beside them, by the names that exporters give: <c>attention_mask</c> (ones), <c>position_ids</c> (0, 1, ...),
/// <c>token_type_ids</c> (zeros) and an empty cache in <c>past…</c> inputs.
/// </summary>
internal sealed class TokenFeeds
{
    private static readonly string[] TokenNames = ["input_ids", "tokens"];

    private readonly List<(string Name, Func<long[], int, int, OrtValue> Make)> _inputs = [];

    /// <exception cref="PruneBuildException">PB5001 when the named input is missing, PB5023 when no input takes tokens or nobody knows what another one wants.</exception>
    public static TokenFeeds Of(RunningModel model, string? name)
    {
        var inputs = model.Session.InputMetadata;
        var whole = inputs.Where(input => IsWhole(input.Value)).Select(input => input.Key).ToList();
        var tokens = name is not null ? RunningModel.Choose(name, [.. inputs.Keys], "input", model.Path)
            : whole.Find(TokenNames.Contains) ?? (whole.Count == 1 ? whole[0] : null)
            ?? throw new PruneBuildException("PB5023", model.Path, string.Join(", ", inputs.Keys), "none takes token ids").At(model.Path);
        var feeds = new TokenFeeds();
        foreach (var (input, metadata) in inputs)
        {
            feeds._inputs.Add((input, Maker(input, metadata, tokens)
                ?? throw new PruneBuildException("PB5023", model.Path, input, "it is not known what a language model wants there").At(model.Path)));
        }
        return feeds;
    }

    /// <summary>The inputs for sequences of the same length, one after the other.</summary>
    public IReadOnlyList<(string Name, OrtValue Value)> Create(long[] tokens, int count, int length) =>
        [.. _inputs.Select(input => (input.Name, input.Make(tokens, count, length)))];

    private static bool IsWhole(NodeMetadata metadata) => metadata.IsTensor && metadata.ElementDataType is TensorElementType.Int64 or TensorElementType.Int32;

    private static Func<long[], int, int, OrtValue>? Maker(string name, NodeMetadata metadata, string tokens)
    {
        Func<long[], int, int, OrtValue>? Whole(Func<long[], int, long[]> values) => !IsWhole(metadata) ? null
            : metadata.ElementDataType == TensorElementType.Int64
                ? (ids, count, length) => OrtValue.CreateTensorValueFromMemory(values(ids, length), [count, length])
                : (ids, count, length) => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values(ids, length), value => (int)value), [count, length]);
        return name switch
        {
            _ when name == tokens => Whole((ids, _) => ids),
            "attention_mask" => Whole((ids, _) => [.. Enumerable.Repeat(1L, ids.Length)]),
            "position_ids" => Whole((ids, length) => [.. Enumerable.Range(0, ids.Length).Select(index => (long)(index % length))]),
            "token_type_ids" => Whole((ids, _) => new long[ids.Length]),
            _ when name.StartsWith("past", StringComparison.Ordinal) && metadata.ElementDataType == TensorElementType.Float && metadata.Dimensions is [_, var heads, _, var width] =>
                (_, count, _) => OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, [count, heads, 0, width]),
            _ => null,
        };
    }
}
