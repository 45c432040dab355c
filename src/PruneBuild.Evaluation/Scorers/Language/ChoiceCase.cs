namespace PruneBuild.Evaluation.Scorers;

/// <summary>One continuation of a multiple-choice question.</summary>
/// <param name="LogLikelihood">Of the continuation given the question, in nats; 0 or less.</param>
/// <param name="Bytes">Bytes of the continuation in UTF-8.</param>
public sealed record Choice(double LogLikelihood, int Bytes);

/// <summary>One multiple-choice question.</summary>
/// <param name="Choices">The continuations.</param>
/// <param name="Answer">Index of the right one.</param>
public sealed record ChoiceCase(IReadOnlyList<Choice> Choices, int Answer);
