namespace HomeAssistant.Language;

/// <summary>Kinds of sentences and how often they are drawn.</summary>
internal sealed class Weighted(params (int Weight, string Kind, Func<Speaker, (string Sentence, Answer Answer)> Make)[] kinds)
{
    private readonly int total = kinds.Sum(kind => kind.Weight);

    public Example Draw(Speaker speaker)
    {
        var left = speaker.Random.Below(total);
        foreach (var (weight, kind, make) in kinds)
        {
            left -= weight;
            if (left < 0)
            {
                var (sentence, answer) = make(speaker);
                return new Example(sentence, answer, kind);
            }
        }
        throw new InvalidOperationException("the weights add up to more than their sum");
    }
}
