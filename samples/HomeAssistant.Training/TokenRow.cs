using HomeAssistant.Language;

namespace HomeAssistant.Training;

/// <summary>A row of tokens that begins with an example; the last example is cut where the row ends.</summary>
/// <param name="Tokens">As many as the row has.</param>
/// <param name="IsAnswer">Which of them belong to answers.</param>
internal sealed record TokenRow(int[] Tokens, bool[] IsAnswer)
{
    /// <summary>Endless rows from endless examples, and how many examples went into all rows so far.</summary>
    public static IEnumerable<(TokenRow Row, int Examples)> Pack(IEnumerable<Example> examples, ChatEncoder encoder, int length)
    {
        var (tokens, answers, count) = (new List<int>(), new List<bool>(), 0);
        foreach (var example in examples)
        {
            var (encoded, prompt) = encoder.Encode(example);
            tokens.AddRange(encoded);
            answers.AddRange(encoded.Select((_, index) => index >= prompt));
            count++;
            if (tokens.Count < length)
                continue;
            yield return (new TokenRow([.. tokens.Take(length)], [.. answers.Take(length)]), count);
            tokens.Clear();
            answers.Clear();
        }
    }
}
