namespace PruneBuild.Evaluation;

/// <summary>How many tokens a model is given for a prompt, by its own tokenizer and chat template.</summary>
/// <param name="caseId">Name of the case, for messages.</param>
/// <param name="prompt">What is asked.</param>
/// <param name="settings">How a prompt is written.</param>
/// <exception cref="Diagnostics.PruneBuildException">The tokenizer or the template cannot be used.</exception>
public delegate int CountPromptTokens(string caseId, WritingPrompt prompt, WritingSettings settings);
