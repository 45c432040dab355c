namespace HomeAssistant.Language;

/// <summary>What people say every day.</summary>
internal static class CommonKinds
{
    public static Weighted All { get; } = new(
        (52, "single", Single),
        (13, "timed", Timed),
        (16, "steps", Steps),
        (6, "shared", SharedRoom),
        (3, "unsafe", ImpossibleKinds.Unsafe),
        (3, "not there", ImpossibleKinds.NotThere),
        (2, "cannot do", ImpossibleKinds.CannotDo),
        (2, "which room", ImpossibleKinds.WhichRoom),
        (3, "not a command", ImpossibleKinds.NotACommand));

    public static (string, Answer) Single(Speaker speaker)
    {
        var wish = speaker.Wishes.Possible();
        return (speaker.Speech.Politely(wish.Action, speaker.Speech.Thing(wish.Device, wish.Room), speaker.Value(wish)), new Answer([wish.Command()]));
    }

    public static (string, Answer) Timed(Speaker speaker)
    {
        var wish = speaker.Wishes.Possible();
        var moment = Moment.Draw(speaker.Random, speaker.Rarely);
        var order = speaker.Order(wish);
        return (speaker.Speech.Politely(speaker.Random.Chance(0.3f) ? $"{moment.Spoken} {order}" : $"{order} {moment.Spoken}"), new Answer([wish.Command(moment.Time)]));
    }

    public static (string, Answer) Steps(Speaker speaker) => Steps(speaker, 2);

    public static (string, Answer) Steps(Speaker speaker, int count)
    {
        var steps = speaker.Wishes.Possible(count).Select(wish => speaker.Step(wish, timed: 0.15f)).ToList();
        return (speaker.Speech.Politely(speaker.Joined([.. steps.Select(step => step.Order)])), new Answer([.. steps.Select(step => step.Command)]));
    }

    /// <summary>One verb and one room, two devices.</summary>
    public static (string, Answer) SharedRoom(Speaker speaker)
    {
        while (true)
        {
            var (first, second) = (speaker.Wishes.Possible(), speaker.Wishes.Device());
            if (first.Value is not null || first.Device == second || !second.Actions.Contains(first.Action) || !second.Rooms.Contains(first.Room))
                continue;
            var thing = $"the {speaker.Speech.Name(first.Device)} and the {speaker.Speech.Name(second)} {speaker.Speech.Place(first.Room)}";
            return (speaker.Speech.Politely(speaker.Speech.Order(first.Action, thing)), new Answer([first.Command(), (first with { Device = second }).Command()]));
        }
    }
}
