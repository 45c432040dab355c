namespace HomeAssistant.Language;

/// <summary>A sentence and what it means.</summary>
/// <param name="Sentence">What a person says.</param>
/// <param name="Answer">What the assistant should answer.</param>
/// <param name="Kind">What makes it what it is: single, steps, correction, injection …</param>
public sealed record Example(string Sentence, Answer Answer, string Kind);
