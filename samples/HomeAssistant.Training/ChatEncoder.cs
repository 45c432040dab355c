using HomeAssistant.Language;
using Microsoft.ML.Tokenizers;

namespace HomeAssistant.Training;

/// <summary>Examples as tokens, in the turns of the chat template.</summary>
internal sealed class ChatEncoder
{
    private readonly BpeTokenizer tokenizer;
    private readonly int user;
    private readonly int assistant;

    public ChatEncoder(ChatVocabulary vocabulary)
    {
        tokenizer = BpeTokenizer.Create(new BpeOptions(vocabulary.Tokens.Select((token, id) => KeyValuePair.Create(token, id)))
        {
            Merges = vocabulary.Merges.Select(merge => $"{merge.Left} {merge.Right}"),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(BytePairTraining.Words(), null),
        });
        (user, assistant, End) = (Id(ChatVocabulary.User), Id(ChatVocabulary.Assistant), Id(ChatVocabulary.End));

        int Id(string token) => vocabulary.Tokens.Index().Single(known => known.Item == token).Index;
    }

    /// <summary>The token that ends a turn.</summary>
    public int End { get; }

    /// <summary>A whole example.</summary>
    /// <returns>The tokens, and how many of them come before the answer.</returns>
    public (IReadOnlyList<int> Tokens, int Prompt) Encode(Example example)
    {
        IReadOnlyList<int> prompt = [user, .. Text(example.Sentence), End, assistant];
        return ([.. prompt, .. Text(example.Answer.ToJson()), End], prompt.Count);
    }

    private IReadOnlyList<int> Text(string text) => tokenizer.EncodeToIds(text, considerPreTokenization: true, considerNormalization: false);
}
