namespace PruneBuild.Runtime.Text;

/// <summary>How a text is generated. The defaults are greedy: every time the most likely token, of equals the one with the lowest number.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate; null ends only at the model's context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>What logits are divided by before they become probabilities; 0 is greedy.</summary>
    public float Temperature { get; init; }

    /// <summary>How many of the most likely tokens are drawn from; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Tokens are drawn from the smallest set of the most likely ones that has this probability together; 1 for all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>
    /// Positive logits of tokens that were read or written are divided by it, negative ones multiplied (Keskar et al., "CTRL", 2019); 1 changes nothing.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>What the draws start from: the same seed, the same text. Null takes one by chance; <see cref="GenerationResult.Seed"/> says which.</summary>
    public long? Seed { get; init; }

    /// <summary>Texts that end the generation and are left out of its result, wherever tokens begin and end.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether tokens that end a text do not end the generation, as measurements of speed want it.</summary>
    public bool IgnoreEndTokens { get; init; }

    /// <summary>
    /// Whether what the cache still holds of an earlier prompt that begins alike is not computed again. Off, the result depends on nothing
    /// but the prompt: a matrix of other height may round its sums otherwise.
    /// </summary>
    public bool ReuseCache { get; init; } = true;

    /// <summary>What the text must be, such as JSON; null for anything. It needs a tokenizer.</summary>
    public TextConstraint? Constraint { get; init; }

    /// <summary>Special tokens whose names are text here, as some models mark a tool call by one.</summary>
    internal IReadOnlyList<int> VisibleTokens { get; init; } = [];

    /// <summary>Whether what is written is a text of its own, as an answer is, and not the middle of the prompt's.</summary>
    internal bool StartsText { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="EdgeModelException">PB6115: a setting is outside its range.</exception>
    internal void Validate()
    {
        Check(MaxTokens is null or > 0, $"MaxTokens is {MaxTokens}; at least 1 is expected.");
        Check(Temperature >= 0 && float.IsFinite(Temperature), $"Temperature is {Temperature}; a number from 0 is expected.");
        Check(TopK >= 0, $"TopK is {TopK}; a number from 0 is expected.");
        Check(TopP is > 0 and <= 1, $"TopP is {TopP}; a number above 0, at most 1, is expected.");
        Check(RepetitionPenalty > 0 && float.IsFinite(RepetitionPenalty), $"RepetitionPenalty is {RepetitionPenalty}; a number above 0 is expected.");
        Check(StopStrings.All(text => !string.IsNullOrEmpty(text)), "A stop string is empty.");
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
            throw new EdgeModelException(EdgeModelException.GenerationInvalid, message);
    }
}
