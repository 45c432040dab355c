using HomeAssistant.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace HomeAssistant.Training;

/// <summary>
/// How many examples are answered to the letter. A greedy answer is the right one exactly when each of its tokens is the likeliest after
/// the prompt and the right tokens before it, so one pass over prompt and answer decides.
/// </summary>
internal static class ExactMatch
{
    private const int Batch = 64;

    /// <summary>For each example whether its answer is right.</summary>
    public static IReadOnlyList<bool> Of(LlamaNetwork network, ChatEncoder encoder, IReadOnlyList<Example> examples) =>
        [.. examples.Chunk(Batch).SelectMany(batch => Of(network, [.. batch.Select(encoder.Encode)]))];

    private static IReadOnlyList<bool> Of(LlamaNetwork network, IReadOnlyList<(IReadOnlyList<int> Tokens, int Prompt)> batch)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var length = batch.Max(example => example.Tokens.Count);
        var tokens = batch.SelectMany(example => example.Tokens.Concat(Enumerable.Repeat(0, length - example.Tokens.Count))).Select(token => (long)token).ToArray();
        var likeliest = network.Logits(tensor(tokens, [batch.Count, length])).argmax(-1).data<long>().ToArray();
        return [.. batch.Select((example, row) => Enumerable.Range(example.Prompt, example.Tokens.Count - example.Prompt)
            .All(position => likeliest[row * length + position - 1] == example.Tokens[position]))];
    }
}
