namespace HomeAssistant.Language;

/// <summary>A room of the house.</summary>
/// <param name="Name">As commands spell it.</param>
/// <param name="Preposition">What stands before it: in, on.</param>
/// <param name="RareWords">Other names that some people use.</param>
public sealed record Room(string Name, string Preposition, IReadOnlyList<string> RareWords);
