namespace HomeAssistant.Language;

/// <summary>What the assistant has to refuse.</summary>
internal static class ImpossibleKinds
{
    public static (string, Answer) Unsafe(Speaker speaker) => Refused(speaker.Speech.Politely(UnsafeOrder(speaker)), Refusals.Unsafe);

    public static (string, Answer) NotThere(Speaker speaker) => Refused(speaker.Speech.Politely(NotThereOrder(speaker)), Refusals.NotThere);

    public static (string, Answer) CannotDo(Speaker speaker) => Refused(speaker.Speech.Politely(CannotDoOrder(speaker)), Refusals.CannotDo);

    public static (string, Answer) OutOfRange(Speaker speaker) => Refused(speaker.Speech.Politely(OutOfRangeOrder(speaker)), Refusals.OutOfRange);

    public static (string, Answer) Unknown(Speaker speaker) => Refused(speaker.Speech.Politely(UnknownOrder(speaker)), Refusals.Unknown);

    public static (string, Answer) NotACommand(Speaker speaker) => Refused(Strangers.Talk(speaker.Random), Refusals.NotACommand);

    public static (string, Answer) WhichRoom(Speaker speaker)
    {
        var wish = speaker.Wishes.Possible(speaker.Wishes.Device(device => device.Rooms.Count > 1));
        return Refused(speaker.Speech.Politely(wish.Action, $"the {speaker.Speech.Name(wish.Device)}", speaker.Value(wish)), Refusals.WhichRoom);
    }

    /// <summary>An order that is refused in any house.</summary>
    public static string UnsafeOrder(Speaker speaker)
    {
        var (name, orders) = speaker.Random.Below(3) switch
        {
            0 => ("door", new[] { "unlock {0}", "open {0}", "unbolt {0}" }),
            1 => ("alarm", ["turn off {0}", "disarm {0}", "switch {0} off", "disable {0}"]),
            _ => ("camera", ["turn off {0}", "switch off {0}", "disable {0}", "cover {0}"]),
        };
        var device = Home.Devices.Single(known => known.Name == name);
        return speaker.Random.Pick(orders).Replace("{0}", speaker.Speech.Thing(device, speaker.Wishes.Room(device.Rooms)), StringComparison.Ordinal);
    }

    /// <summary>An order for a room that has no such device.</summary>
    public static string NotThereOrder(Speaker speaker)
    {
        var wish = speaker.Wishes.Possible(speaker.Wishes.Device(device => device.Rooms.Count < Home.Rooms.Count && device.Name is not ("alarm" or "camera")));
        return speaker.Order(wish with { Room = speaker.Wishes.Room([.. Home.Rooms.Except(wish.Device.Rooms)]) });
    }

    /// <summary>An order for something that the device cannot do.</summary>
    public static string CannotDoOrder(Speaker speaker)
    {
        var device = speaker.Wishes.Device(known => known.Name is not ("door" or "alarm" or "camera"));
        // Switching what is started, or opening what is turned up, is a way to say the same.
        string[] strange = device.Actions.Contains(Actions.Open) ? [Actions.Start, Actions.Lock, Actions.On] : device.Actions.Contains(Actions.Set) ? [Actions.Open, Actions.Lock] : [Actions.Open, Actions.Set, Actions.Lock];
        var action = speaker.Random.Pick(strange);
        var value = action == Actions.Set ? speaker.Speech.Value(speaker.Wishes.Value(ValueRange.Percent), "percent") : "";
        return speaker.Speech.Order(action, speaker.Speech.Thing(device, speaker.Wishes.Room(device.Rooms)), value);
    }

    /// <summary>An order for a value that the device does not reach.</summary>
    public static string OutOfRangeOrder(Speaker speaker)
    {
        var device = speaker.Wishes.Device(known => known.Range is not null);
        var range = device.Range!;
        var above = range.High + 5 * (1 + speaker.Random.Below(12));
        var below = range.Low - 1 - speaker.Random.Below(Math.Max(1, range.Low));
        var value = below >= 0 && speaker.Random.Chance(0.3f) ? below : above;
        return speaker.Order(new Intent(device, speaker.Wishes.Room(device.Rooms), Actions.Set, value));
    }

    /// <summary>An order for a device or a room that the house does not have.</summary>
    public static string UnknownOrder(Speaker speaker)
    {
        if (speaker.Random.Chance(0.7f))
        {
            var action = speaker.Random.Pick([Actions.On, Actions.Off, Actions.Start, Actions.Stop]);
            return speaker.Speech.Order(action, speaker.Speech.Thing(speaker.Random.Pick(Strangers.Devices), speaker.Wishes.Room(Home.Rooms)));
        }
        var wish = speaker.Wishes.Possible(speaker.Wishes.Device(device => device.Name is not ("alarm" or "camera" or "door")));
        return speaker.Order(wish with { Room = new Room(speaker.Random.Pick(Strangers.Rooms), "in", []) });
    }

    private static (string, Answer) Refused(string sentence, string reason) => (sentence, new Answer([], reason));
}
