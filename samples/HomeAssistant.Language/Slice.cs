namespace HomeAssistant.Language;

/// <summary>How hard a sentence is.</summary>
public enum Slice
{
    /// <summary>What people say every day: frequent devices and rooms, one step or two.</summary>
    Common,

    /// <summary>Rare devices, rooms and phrasings, three steps, corrections, exclusions, what the house cannot do.</summary>
    Edge,

    /// <summary>Typing errors, contradictions, instructions smuggled in, pressure.</summary>
    Adversarial,
}
