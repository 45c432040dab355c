namespace PruneBuild.Runtime.Text;

/// <summary>Why a generation ended.</summary>
public enum GenerationEnd
{
    /// <summary>The model wrote a token that ends a text.</summary>
    EndToken,

    /// <summary>The text is whole by <see cref="GenerationOptions.Constraint"/>, and nothing may follow.</summary>
    ConstraintMet,

    /// <summary>One of <see cref="GenerationOptions.StopStrings"/> was written.</summary>
    StopString,

    /// <summary><see cref="GenerationOptions.MaxTokens"/> were written.</summary>
    MaxTokens,

    /// <summary>The model's context is full.</summary>
    ContextFull,
}

/// <summary>What reasons to end say of a text.</summary>
internal static class GenerationEnds
{
    /// <summary>Whether the text came to its end, and was not cut for its length.</summary>
    public static bool IsStop(this GenerationEnd end) => end is GenerationEnd.EndToken or GenerationEnd.ConstraintMet or GenerationEnd.StopString;
}

/// <summary>A text that was generated, and what it took.</summary>
/// <param name="Text">What was written, without the stop string.</param>
/// <param name="Tokens">Its tokens; the last ones may belong to a stop string or be the token that ends a text.</param>
/// <param name="InputTokens">Tokens of the prompt.</param>
/// <param name="CachedInputTokens">Those of them that the cache still held.</param>
/// <param name="End">Why it ended.</param>
/// <param name="Seed">What the draws started from.</param>
/// <param name="TimeToFirstToken">From the start until the first token was chosen.</param>
/// <param name="Duration">From the start to the end.</param>
/// <param name="SessionDuration">The part of <paramref name="Duration"/> that ONNX Runtime computed.</param>
public sealed record GenerationResult(
    string Text, IReadOnlyList<int> Tokens, int InputTokens, int CachedInputTokens, GenerationEnd End, long Seed,
    TimeSpan TimeToFirstToken, TimeSpan Duration, TimeSpan SessionDuration);

/// <summary>A part of a text while it is generated.</summary>
/// <param name="Text">What follows the parts before; never half a character, never the beginning of a stop string that comes true.</param>
/// <param name="Result">The whole, with the last part; null before.</param>
public readonly record struct GenerationUpdate(string Text, GenerationResult? Result);
