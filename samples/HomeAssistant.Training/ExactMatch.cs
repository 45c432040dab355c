using HomeAssistant.Language;

namespace HomeAssistant.Training;

/// <summary>
/// How many examples are answered to the letter. A greedy answer is the right one exactly when each of its tokens is the likeliest after
/// the prompt and the right tokens before it, so one pass over prompt and answer decides.
/// </summary>
internal static class ExactMatch
{
    private const int Batch = 50;

    /// <summary>For each example whether its answer is right.</summary>
    public static IReadOnlyList<bool> Of(ILanguageModel model, ChatEncoder encoder, IReadOnlyList<Example> examples) =>
        [.. examples.Chunk(Batch).SelectMany(batch => Of(model, [.. batch.Select(encoder.Encode)]))];

    /// <summary>The largest difference between the logits of two models on some examples.</summary>
    public static float LargestDifference(ILanguageModel model, ILanguageModel other, ChatEncoder encoder, IEnumerable<Example> examples) => examples.Max(example =>
    {
        var tokens = encoder.Encode(example).Tokens;
        return Logits(model, [tokens]).Zip(Logits(other, [tokens]), (one, two) => Math.Abs(one - two)).Max();
    });

    private static IReadOnlyList<bool> Of(ILanguageModel model, IReadOnlyList<(IReadOnlyList<int> Tokens, int Prompt)> batch)
    {
        var logits = Logits(model, [.. batch.Select(example => example.Tokens)]);
        var length = batch.Max(example => example.Tokens.Count);
        var vocabulary = logits.Length / batch.Count / length;
        return [.. batch.Select((example, row) => Enumerable.Range(example.Prompt, example.Tokens.Count - example.Prompt)
            .All(position => Likeliest(logits.AsSpan((row * length + position - 1) * vocabulary, vocabulary)) == example.Tokens[position]))];
    }

    private static float[] Logits(ILanguageModel model, IReadOnlyList<IReadOnlyList<int>> rows)
    {
        var length = rows.Max(row => row.Count);
        var tokens = rows.SelectMany(row => row.Concat(Enumerable.Repeat(0, length - row.Count))).Select(token => (long)token).ToArray();
        return model.Logits(tokens, [.. rows.Select(row => row.Count)]);
    }

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var token = 1; token < logits.Length; token++)
        {
            if (logits[token] > logits[best])
                best = token;
        }
        return best;
    }
}
