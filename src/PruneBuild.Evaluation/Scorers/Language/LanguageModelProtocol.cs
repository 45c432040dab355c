namespace PruneBuild.Evaluation.Scorers;

/// <summary>How the likelihood of a text was taken. Perplexities of different protocols say nothing about each other.</summary>
/// <param name="Dataset">Name and version of the text.</param>
/// <param name="Tokenizer">Name or content hash of the tokenizer.</param>
/// <param name="Window">Tokens that the model sees at once.</param>
/// <param name="Stride">Tokens by which the window moves on; only these are scored, except in the first window.</param>
/// <param name="StartToken">Whether every window starts with the tokenizer's start token.</param>
public sealed record LanguageModelProtocol(string Dataset, string Tokenizer, int Window, int Stride, bool StartToken)
{
    /// <summary>One line for files and reports: <c>wikitext-2-raw|tok:gpt2|window:1024|stride:512|bos:no</c>.</summary>
    public string Id => FormattableString.Invariant($"{Dataset}|tok:{Tokenizer}|window:{Window}|stride:{Stride}|bos:{(StartToken ? "yes" : "no")}");
}
