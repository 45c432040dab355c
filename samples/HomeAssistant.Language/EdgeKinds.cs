namespace HomeAssistant.Language;

/// <summary>What people say now and then.</summary>
internal static class EdgeKinds
{
    public static Weighted All { get; } = new(
        (22, "single", CommonKinds.Single),
        (10, "timed", CommonKinds.Timed),
        (8, "steps", CommonKinds.Steps),
        (12, "three steps", speaker => CommonKinds.Steps(speaker, 3)),
        (4, "shared", CommonKinds.SharedRoom),
        (9, "correction", Correction),
        (7, "exclusion", Exclusion),
        (6, "every room", EveryRoom),
        (4, "only one", OnlyOne),
        (4, "not there", ImpossibleKinds.NotThere),
        (4, "cannot do", ImpossibleKinds.CannotDo),
        (4, "out of range", ImpossibleKinds.OutOfRange),
        (4, "unknown", ImpossibleKinds.Unknown),
        (2, "which room", ImpossibleKinds.WhichRoom));

    /// <summary>The room, the value or the action is taken back and said anew.</summary>
    public static (string, Answer) Correction(Speaker speaker)
    {
        var oops = speaker.Random.Pick([", no, ", ", sorry, ", ", i mean ", ", wait, ", ", no wait, ", ", or rather "]);
        while (true)
        {
            var wish = speaker.Wishes.Possible();
            if (wish.Value is not null)
            {
                var better = wish with { Value = speaker.Wishes.Value(wish.Device.Range!) };
                if (better.Value != wish.Value)
                    return (speaker.Order(wish) + oops + speaker.Value(better), new Answer([better.Command()]));
            }
            else if (wish.Device.Rooms.Count > 1)
            {
                var better = wish with { Room = speaker.Wishes.Room(wish.Device.Rooms) };
                if (better.Room != wish.Room)
                    return (speaker.Order(wish) + oops + speaker.Speech.Place(better.Room), new Answer([better.Command()]));
            }
        }
    }

    /// <summary>One device is to be left as it is.</summary>
    public static (string, Answer) Exclusion(Speaker speaker)
    {
        var wishes = speaker.Wishes.Possible(2);
        var thing = speaker.Speech.Thing(wishes[1].Device, wishes[1].Room);
        var rest = speaker.Random.Pick([" but not {0}", " but leave {0} alone", ", and do not touch {0}", " and leave {0} as it is"]);
        return (speaker.Speech.Politely(speaker.Order(wishes[0]) + rest.Replace("{0}", thing, StringComparison.Ordinal)), new Answer([wishes[0].Command()]));
    }

    /// <summary>All devices of a kind.</summary>
    public static (string, Answer) EveryRoom(Speaker speaker)
    {
        var wish = speaker.Wishes.Possible(speaker.Wishes.Device(device => device.Rooms.Count > 1));
        var name = speaker.Speech.Name(wish.Device);
        var thing = speaker.Random.Pick([$"every {name} in the house", $"the {name} in every room", $"every single {name}", $"the {name} everywhere"]);
        return (speaker.Speech.Politely(speaker.Speech.Order(wish.Action, thing, speaker.Value(wish))), new Answer([wish.Command() with { Room = Command.EveryRoom }]));
    }

    /// <summary>No room is named, and there is only one such device.</summary>
    public static (string, Answer) OnlyOne(Speaker speaker)
    {
        var wish = speaker.Wishes.Possible(speaker.Wishes.Device(device => device.Rooms.Count == 1));
        return (speaker.Speech.Politely(wish.Action, $"the {speaker.Speech.Name(wish.Device)}", speaker.Value(wish)), new Answer([wish.Command()]));
    }
}
