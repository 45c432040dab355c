using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>A case that the model answers with a text.</summary>
/// <param name="Prompt">What it is asked.</param>
/// <param name="Checks">What is expected of the text.</param>
/// <param name="Expected">The same as the case has it, for people.</param>
/// <param name="References">Texts that would be right.</param>
/// <param name="Gold">Hash of checks and references, and of the files that checks name.</param>
/// <param name="Files">Those files.</param>
internal sealed record WritingCase(
    WritingPrompt Prompt, IReadOnlyList<Expectation> Checks, IReadOnlyList<string> Expected, IReadOnlyList<string> References, string Gold, IReadOnlyList<string> Files);
