namespace PruneBuild.Evaluation;

/// <summary>A model that writes. The same prompt and settings give the same text each time.</summary>
public interface ITextGenerator : IDisposable
{
    /// <summary>Writes one text.</summary>
    /// <param name="caseId">Name of the case, for messages.</param>
    /// <param name="prompt">What is asked.</param>
    /// <param name="settings">How much, and what ends it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Diagnostics.PruneBuildException">The model cannot be run, or the prompt is longer than what it can look back on.</exception>
    WrittenText Write(string caseId, WritingPrompt prompt, WritingSettings settings, CancellationToken cancellation);
}

/// <summary>Why a text ended.</summary>
public enum TextEnd
{
    /// <summary>The model ended it, or a stop text did.</summary>
    Stop,

    /// <summary>It had as many tokens as allowed, or as fit.</summary>
    Length,
}

/// <summary>What a model wrote for one case.</summary>
/// <param name="Text">The text.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Tokens">Tokens of the text.</param>
/// <param name="End">Why it ended.</param>
public sealed record WrittenText(string Text, int PromptTokens, int Tokens, TextEnd End);
