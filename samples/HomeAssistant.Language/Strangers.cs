namespace HomeAssistant.Language;

/// <summary>What the house does not have, and what is none of its business.</summary>
internal static class Strangers
{
    public static IReadOnlyList<string> Devices { get; } =
    [
        "jacuzzi", "toaster", "microwave", "fridge", "freezer", "blender", "piano", "printer", "router", "car", "hair dryer", "treadmill", "drone",
        "lawn mower", "hot tub", "fireplace", "laptop", "phone", "doorbell", "elevator", "radio", "jukebox", "telescope", "rice cooker", "fountain",
        "disco ball", "smoke machine", "train set", "pinball machine", "typewriter", "air conditioner", "popcorn machine", "sewing machine", "chandelier",
    ];

    public static IReadOnlyList<string> Rooms { get; } =
    [
        "observatory", "chapel", "ballroom", "dungeon", "cinema", "stable", "boathouse", "bunker", "tower", "gym", "spa", "treehouse", "lobby",
        "courtyard", "barn", "throne room", "aquarium hall", "wine bar", "hangar", "orangery",
    ];

    /// <summary>Something that is no command.</summary>
    public static string Talk(SplitMix64 random) => random.Below(14) switch
    {
        0 => $"what is the capital of {random.Pick(Places)}",
        1 => $"tell me a {random.Pick(["joke", "story", "riddle", "secret", "fairy tale"])} about {random.Pick(Topics)}",
        2 => $"write a poem about {random.Pick(Topics)}",
        3 => $"what is {2 + random.Below(90)} plus {2 + random.Below(90)}",
        4 => $"how far is it to {random.Pick(Places)}",
        5 => $"order {random.Pick(Goods)} for {random.Pick(People)}",
        6 => $"call {random.Pick(People)}",
        7 => $"what is the weather like in {random.Pick(Places)}",
        8 => $"do you like {random.Pick(Topics)}",
        9 => $"translate {random.Pick(Topics)} to {random.Pick(["french", "german", "spanish", "italian", "latin"])}",
        10 => $"book a flight to {random.Pick(Places)}",
        11 => $"who invented {random.Pick(Topics)}",
        12 => $"send {random.Pick(Goods)} to {random.Pick(People)}",
        _ => $"what does {random.Pick(People)} think about {random.Pick(Topics)}",
    };

    private static string[] Places { get; } =
        ["france", "peru", "japan", "kenya", "norway", "chile", "egypt", "canada", "rome", "lisbon", "oslo", "cairo", "tokyo", "quito", "dublin", "vienna"];

    private static string[] Topics { get; } =
    [
        "cats", "trains", "chess", "the sea", "dragons", "pasta", "jazz", "winter", "football", "the moon", "robots", "cheese", "history", "tulips", "whales",
        "clocks", "music", "light", "cameras", "windows", "doors", "ovens",
    ];

    private static string[] Goods { get; } = ["a pizza", "flowers", "a book", "new shoes", "a cake", "ten eggs", "a message", "a postcard", "some tea", "a lamp"];

    private static string[] People { get; } = ["mum", "my boss", "anna", "the plumber", "uncle bob", "the school", "dr. smith", "grandma", "the neighbours", "leo"];
}
