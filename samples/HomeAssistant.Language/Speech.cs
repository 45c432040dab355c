using System.Globalization;

namespace HomeAssistant.Language;

/// <summary>Says things, sometimes in rare words.</summary>
/// <param name="random">What decides.</param>
/// <param name="rareness">How often a rare word or phrasing is chosen.</param>
internal sealed class Speech(SplitMix64 random, float rareness)
{
    /// <summary>The name of a device, without article.</summary>
    public string Name(Device device) => random.PickByRank(random.Chance(rareness) ? device.RareWords : device.Words);

    /// <summary>The name of a room, without article.</summary>
    public string Name(Room room) => room.RareWords.Count > 0 && random.Chance(rareness) ? random.Pick(room.RareWords) : room.Name;

    /// <summary>in the kitchen.</summary>
    public string Place(Room room) => $"{room.Preposition} the {Name(room)}";

    /// <summary>the lamp in the kitchen, the kitchen lamp.</summary>
    public string Thing(Device device, Room room) => Thing(Name(device), room);

    /// <summary>The same of a device that the house may not have.</summary>
    public string Thing(string device, Room room) => random.Chance(0.6f) ? $"the {device} {Place(room)}" : $"the {Name(room)} {device}";

    /// <summary>40 percent, twenty-one degrees.</summary>
    public string Value(int value, string unit)
    {
        if (random.Chance(rareness))
            return unit == "percent" && value == 50 && random.Chance(0.5f) ? "half" : $"{Numbers.InWords(value)} {unit}";
        return unit == "percent" && random.Chance(0.4f) ? $"{value}%" : $"{value} {unit}";
    }

    /// <summary>An order that starts with a verb. What runs a programme is also switched on and off.</summary>
    public string Order(string action, string thing, string value = "")
    {
        if (action is Actions.Start or Actions.Stop && random.Chance(0.25f))
            action = action == Actions.Start ? Actions.On : Actions.Off;
        return Fill(random.Chance(rareness) ? random.Pick(Phrasings.Rare(action)) : random.PickByRank(Phrasings.Common(action)), thing, value);
    }

    /// <summary>The same, with the words around it that a person uses.</summary>
    public string Politely(string action, string thing, string value = "")
    {
        var elliptic = Phrasings.Elliptic(action);
        return elliptic.Count > 0 && random.Chance(0.12f) ? Fill(random.Pick(elliptic), thing, value) : Politely(Order(action, thing, value));
    }

    /// <summary>An order with the words around it that a person uses.</summary>
    public string Politely(string order) => random.Below(12) switch
    {
        0 => $"please {order}",
        1 => $"{order} please",
        2 => $"can you {order}",
        3 => $"could you {order}",
        4 => $"hey, {order}",
        5 when random.Chance(rareness) => $"would you be so kind as to {order}",
        6 when random.Chance(rareness) => $"i would like you to {order}",
        7 when random.Chance(rareness) => $"be a dear and {order}",
        _ => order,
    };

    private static string Fill(string template, string thing, string value) => string.Format(CultureInfo.InvariantCulture, template, thing, value);
}
