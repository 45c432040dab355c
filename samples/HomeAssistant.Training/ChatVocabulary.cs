using HomeAssistant.Language;

namespace HomeAssistant.Training;

/// <summary>The tokens: special ones, 256 bytes, and merges learned from the grammar.</summary>
/// <param name="Merges">In the order they are applied.</param>
internal sealed record ChatVocabulary(IReadOnlyList<(string Left, string Right)> Merges)
{
    public const string Padding = "<|pad|>";
    public const string User = "<|user|>";
    public const string Assistant = "<|assistant|>";
    public const string End = "<|end|>";

    private const int TrainingTexts = 40_000;

    /// <summary>Tokens that no text is merged to; their ids are their places.</summary>
    public static IReadOnlyList<string> Special { get; } = [Padding, User, Assistant, End];

    /// <summary>All tokens; ids are places.</summary>
    public IReadOnlyList<string> Tokens { get; } = [.. Special, .. ByteLevel.Alphabet, .. Merges.Select(merge => merge.Left + merge.Right)];

    /// <summary>Learns a vocabulary of so many tokens from the first sentences of the training.</summary>
    public static ChatVocabulary Learn(int size) => new(BytePairTraining.Merges(
        ExampleSets.Training().Take(TrainingTexts).SelectMany(example => new[] { example.Sentence, example.Answer.ToJson() }),
        size - Special.Count - ByteLevel.Alphabet.Count));
}
