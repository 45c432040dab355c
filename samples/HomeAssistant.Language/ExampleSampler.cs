namespace HomeAssistant.Language;

/// <summary>Draws sentences of a slice with their answers. The same slice and seed give the same sentence.</summary>
public static class ExampleSampler
{
    /// <summary>A sentence of a slice.</summary>
    public static Example Sample(Slice slice, ulong seed)
    {
        var random = new SplitMix64(seed);
        var example = slice switch
        {
            Slice.Common => CommonKinds.All.Draw(new Speaker(random, rareness: 0.05f, tail: 0.06f)),
            Slice.Edge => EdgeKinds.All.Draw(new Speaker(random, rareness: 0.4f, tail: 0.6f)),
            _ => AdversarialKinds.All.Draw(new Speaker(random, rareness: 0.2f, tail: 0.35f)),
        };
        return example with { Sentence = Written(example.Sentence, random) };
    }

    /// <summary>As people write: half with a capital letter, half with a mark at the end.</summary>
    private static string Written(string sentence, SplitMix64 random)
    {
        if (random.Chance(0.5f))
            sentence = char.ToUpperInvariant(sentence[0]) + sentence[1..];
        var asks = sentence.StartsWith("c", StringComparison.OrdinalIgnoreCase) && sentence.Contains("ould you", StringComparison.OrdinalIgnoreCase)
            || sentence.StartsWith("can you", StringComparison.OrdinalIgnoreCase) || sentence.StartsWith("wh", StringComparison.OrdinalIgnoreCase);
        return random.Chance(0.5f) && char.IsLetter(sentence[^1]) ? sentence + (asks ? '?' : '.') : sentence;
    }
}
