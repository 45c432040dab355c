namespace HomeAssistant.Language;

/// <summary>Draws what people want: the frequent devices and rooms by Zipf's law, or the long tail evenly.</summary>
/// <param name="random">What decides.</param>
/// <param name="tail">How often a device of the long tail is drawn, and how often a room without regard to its frequency.</param>
internal sealed class Wishes(SplitMix64 random, float tail)
{
    /// <summary>Something that the house can do.</summary>
    public Intent Possible() => Possible(Device());

    /// <summary>Something that a device can do.</summary>
    public Intent Possible(Device device)
    {
        var action = random.PickByRank(device.Actions);
        return new Intent(device, Room(device.Rooms), action, action == Actions.Set ? Value(device.Range!) : null);
    }

    /// <summary>So many, of different devices.</summary>
    public IReadOnlyList<Intent> Possible(int count)
    {
        var drawn = new List<Intent>();
        while (drawn.Count < count)
        {
            var next = Possible();
            if (!drawn.Exists(next.SameDevice))
                drawn.Add(next);
        }
        return drawn;
    }

    public Device Device() => random.Chance(tail) ? random.Pick(Home.RareDevices) : random.PickByRank(Home.Devices);

    public Device Device(Func<Device, bool> suits)
    {
        while (true)
        {
            if (Device() is var drawn && suits(drawn))
                return drawn;
        }
    }

    public Room Room(IReadOnlyList<Room> rooms) => random.Chance(tail) ? random.Pick(rooms) : random.PickByRank(rooms);

    /// <summary>A value of the range: mostly a round one.</summary>
    public int Value(ValueRange range)
    {
        var step = range.High - range.Low <= 30 ? 1 : random.Chance(tail) ? random.Chance(0.3f) ? 1 : 5 : 10;
        var first = (range.Low + step - 1) / step;
        return step * (first + random.Below(range.High / step - first + 1));
    }
}
