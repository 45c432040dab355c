namespace HomeAssistant.Language;

/// <summary>Somebody who speaks to the assistant.</summary>
internal sealed class Speaker(SplitMix64 random, float rareness, float tail)
{
    public SplitMix64 Random { get; } = random;

    public Speech Speech { get; } = new(random, rareness);

    public Wishes Wishes { get; } = new(random, tail);

    /// <summary>Whether this time something rare is said.</summary>
    public bool Rarely => Random.Chance(rareness);

    /// <summary>An order for a wish, without politeness.</summary>
    public string Order(Intent wish) => Speech.Order(wish.Action, Speech.Thing(wish.Device, wish.Room), Value(wish));

    /// <summary>The value of a wish in words; empty for none.</summary>
    public string Value(Intent wish) => wish.Value is { } value ? Speech.Value(value, wish.Device.Range!.Unit) : "";

    /// <summary>An order, and now and then when.</summary>
    public (string Order, Command Command) Step(Intent wish, float timed)
    {
        var order = Order(wish);
        if (!Random.Chance(timed))
            return (order, wish.Command());
        var moment = Moment.Draw(Random, Rarely);
        return ($"{order} {moment.Spoken}", wish.Command(moment.Time));
    }

    /// <summary>Orders one after the other.</summary>
    public string Joined(IReadOnlyList<string> orders) => orders.Count switch
    {
        1 => orders[0],
        2 => orders[0] + Random.Pick<string>(Rarely ? [", after that ", "; ", " and once that is done ", " plus "] : [" and ", " and ", ", then ", " and then ", " and also "]) + orders[1],
        _ => string.Join(", ", orders.SkipLast(1)) + Random.Pick([" and ", ", and ", " and finally ", ", then "]) + orders[^1],
    };
}
