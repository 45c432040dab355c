namespace HomeAssistant.Language;

/// <summary>Why something is not done, as answers spell it.</summary>
public static class Refusals
{
    /// <summary>Unlocking, disarming and blinding cameras are not done by voice.</summary>
    public const string Unsafe = "unsafe";

    /// <summary>The room has no such device.</summary>
    public const string NotThere = "not there";

    /// <summary>The device has no such function.</summary>
    public const string CannotDo = "cannot do";

    /// <summary>The device cannot be set to that.</summary>
    public const string OutOfRange = "out of range";

    /// <summary>The house has no such device or room.</summary>
    public const string Unknown = "unknown";

    /// <summary>Several rooms have one, and none was named.</summary>
    public const string WhichRoom = "which room";

    /// <summary>The sentence wants two things that exclude each other.</summary>
    public const string Contradiction = "contradiction";

    /// <summary>It is about something else than the house.</summary>
    public const string NotACommand = "not a command";

    /// <summary>Text that poses as an instruction to the assistant.</summary>
    public const string Injected = "injected";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Unsafe, NotThere, CannotDo, OutOfRange, Unknown, WhichRoom, Contradiction, NotACommand, Injected];
}
