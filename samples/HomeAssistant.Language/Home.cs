namespace HomeAssistant.Language;

/// <summary>The house that the assistant serves. Rooms and devices are listed by how often people speak of them: the ends of the lists are the long tail.</summary>
public static class Home
{
    private static readonly string[] Switched = [Actions.On, Actions.Off];
    private static readonly string[] Dimmed = [Actions.On, Actions.Off, Actions.Set, Actions.Up, Actions.Down];
    private static readonly string[] Opened = [Actions.Open, Actions.Close];
    private static readonly string[] Moved = [Actions.Open, Actions.Close, Actions.Set];
    private static readonly string[] Ran = [Actions.Start, Actions.Stop];

    /// <summary>All rooms.</summary>
    public static IReadOnlyList<Room> Rooms { get; } =
    [
        In("kitchen"), In("living room", "lounge", "sitting room"), In("bedroom", "master bedroom"), In("bathroom"), In("hallway", "corridor"),
        In("office", "study"), In("dining room"), In("garage"), In("garden", "backyard"), In("nursery", "baby room"), In("guest room", "spare room"),
        In("basement"), In("attic", "loft"), In("laundry", "laundry room", "utility room"), On("balcony"), On("terrace", "patio"), In("pantry", "larder"),
        In("library", "reading room"), In("workshop", "hobby room"), In("cellar", "wine cellar"), In("studio"), In("greenhouse", "glasshouse"),
        In("conservatory", "sunroom"), In("mudroom", "boot room"), In("vestibule", "entryway"),
    ];

    /// <summary>All kinds of devices.</summary>
    public static IReadOnlyList<Device> Devices { get; } =
    [
        Of("lamp", "lamp|light|lights", "lighting", Dimmed, ValueRange.Percent, [.. Rooms.Select(room => room.Name)]),
        Of("heating", "heating|thermostat|radiator", "heat", Dimmed, Degrees(5, 30),
            "living room", "bedroom", "bathroom", "kitchen", "office", "dining room", "nursery", "guest room", "hallway", "attic", "library", "studio"),
        Of("blinds", "blinds|blind", "shades|shutters", Moved, ValueRange.Percent,
            "bedroom", "living room", "kitchen", "office", "nursery", "guest room", "bathroom", "library", "studio", "conservatory"),
        Of("tv", "tv|television", "telly", Switched, null, "living room", "bedroom", "kitchen", "guest room", "basement"),
        Of("speaker", "speaker|speakers", "sound system|stereo", Dimmed, ValueRange.Percent,
            "kitchen", "living room", "bedroom", "bathroom", "office", "garden", "terrace", "workshop", "studio"),
        Of("fan", "fan", "ventilator", Dimmed, ValueRange.Percent, "bathroom", "bedroom", "kitchen", "living room", "office", "attic", "laundry", "workshop"),
        Of("socket", "socket|plug", "outlet", Switched, null, "kitchen", "office", "garage", "hallway", "garden", "balcony", "workshop", "studio"),
        Of("window", "window|windows", "casement", Opened, null, "bedroom", "bathroom", "kitchen", "living room", "nursery", "attic", "laundry", "pantry"),
        Of("vacuum", "vacuum|vacuum cleaner", "robot vacuum|hoover", Ran, null, "living room", "kitchen", "hallway", "bedroom", "dining room", "office"),
        Of("curtains", "curtains|curtain", "drapes", Opened, null, "living room", "bedroom", "dining room", "guest room", "nursery", "library"),
        Of("door", "door", "entrance", [Actions.Lock], null, "hallway", "garage", "terrace", "cellar", "mudroom", "vestibule"),
        Of("oven", "oven", "baking oven", [Actions.On, Actions.Off, Actions.Set], Degrees(50, 250), "kitchen"),
        Of("dishwasher", "dishwasher", "dish machine", Ran, null, "kitchen"),
        Of("coffee machine", "coffee machine|coffee maker", "espresso machine", Ran, null, "kitchen", "office"),
        Of("kettle", "kettle", "water boiler", Switched, null, "kitchen", "office"),
        Of("washing machine", "washing machine|washer", "laundry machine", Ran, null, "laundry", "basement"),
        Of("dryer", "dryer", "tumble dryer", Ran, null, "laundry", "basement"),
        Of("alarm", "alarm", "burglar alarm", [Actions.On], null, "hallway", "garage"),
        Of("camera", "camera", "security cam", [Actions.On], null, "garage", "hallway", "garden", "nursery", "terrace"),
        Of("sprinkler", "sprinkler|sprinklers", "irrigation", Ran, null, "garden", "greenhouse"),
        Of("humidifier", "humidifier", "mist maker", Dimmed, new ValueRange("percent", 20, 80), "bedroom", "nursery", "library", "studio"),
        Of("dehumidifier", "dehumidifier", "moisture remover", Dimmed, new ValueRange("percent", 20, 80), "basement", "laundry", "cellar", "conservatory"),
        Of("air purifier", "air purifier|purifier", "air cleaner", Dimmed, ValueRange.Percent, "bedroom", "office", "nursery", "workshop"),
        Of("projector", "projector", "beamer", Switched, null, "living room", "basement", "studio"),
        Of("towel warmer", "towel warmer", "towel rail", Switched, null, "bathroom"),
        Of("awning", "awning", "canopy", Moved, ValueRange.Percent, "terrace", "balcony"),
        Of("skylight", "skylight", "roof window", Moved, ValueRange.Percent, "attic", "studio", "conservatory"),
        Of("wine cooler", "wine cooler", "wine fridge", [Actions.On, Actions.Off, Actions.Set], Degrees(5, 18), "cellar", "dining room", "pantry"),
        Of("sauna", "sauna", "steam bath", [Actions.On, Actions.Off, Actions.Set], Degrees(40, 95), "basement"),
        Of("aquarium", "aquarium", "fish tank", [Actions.On, Actions.Off, Actions.Set], Degrees(20, 30), "living room", "library"),
        Of("grow light", "grow light", "plant lamp", Dimmed, ValueRange.Percent, "greenhouse", "conservatory", "pantry"),
        Of("floor heating", "floor heating", "underfloor heating", Dimmed, Degrees(15, 30), "bathroom", "conservatory", "mudroom", "vestibule"),
    ];

    /// <summary>The frequent ones of a list, and the rest.</summary>
    public static IReadOnlyList<Device> RareDevices { get; } = [.. Devices.Skip(12)];

    private static Room In(string name, params string[] rareWords) => new(name, "in", rareWords);

    private static Room On(string name, params string[] rareWords) => new(name, "on", rareWords);

    private static ValueRange Degrees(int low, int high) => new("degrees", low, high);

    private static Device Of(string name, string words, string rareWords, IReadOnlyList<string> actions, ValueRange? range, params string[] rooms) =>
        new(name, words.Split('|'), rareWords.Split('|'), actions, range, [.. rooms.Select(room => Rooms.Single(known => known.Name == room))]);
}
