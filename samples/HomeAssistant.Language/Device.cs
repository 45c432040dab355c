namespace HomeAssistant.Language;

/// <summary>A kind of device.</summary>
/// <param name="Name">As commands spell it.</param>
/// <param name="Words">What most people call it.</param>
/// <param name="RareWords">What some people call it.</param>
/// <param name="Actions">What it can do, of <see cref="HomeAssistant.Language.Actions"/>.</param>
/// <param name="Range">What it can be set to; null for nothing.</param>
/// <param name="Rooms">Where one is, most used first.</param>
public sealed record Device(
    string Name, IReadOnlyList<string> Words, IReadOnlyList<string> RareWords, IReadOnlyList<string> Actions, ValueRange? Range, IReadOnlyList<Room> Rooms);

/// <summary>What a device can be set to.</summary>
/// <param name="Unit">percent or degrees.</param>
/// <param name="Low">The least.</param>
/// <param name="High">The most.</param>
public sealed record ValueRange(string Unit, int Low, int High)
{
    public static readonly ValueRange Percent = new("percent", 0, 100);

    public bool Contains(int value) => value >= Low && value <= High;
}
