namespace HomeAssistant.Language;

/// <summary>What a person wants of a device in a room.</summary>
internal sealed record Intent(Device Device, Room Room, string Action, int? Value)
{
    public Command Command(string? time = null) => new(Device.Name, Room.Name, Action, Value, time);

    /// <summary>Whether two cannot be told apart by what they are about.</summary>
    public bool SameDevice(Intent other) => Device == other.Device && Room == other.Room;
}
