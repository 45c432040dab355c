namespace HomeAssistant.Language;

/// <summary>One thing to do.</summary>
/// <param name="Device">The kind of device.</param>
/// <param name="Room">Where it is, or <see cref="EveryRoom"/>.</param>
/// <param name="Action">Of <see cref="Actions"/>.</param>
/// <param name="Value">Percent or degrees to set; null for none.</param>
/// <param name="Time">When: <c>07:30</c> or from now <c>+20m</c>, <c>+2h</c>; null for at once.</param>
public sealed record Command(string Device, string Room, string Action, int? Value = null, string? Time = null)
{
    /// <summary>Room of a command for all devices of the kind.</summary>
    public const string EveryRoom = "all";
}
