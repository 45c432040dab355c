namespace HomeAssistant.Language;

/// <summary>When something is to happen.</summary>
/// <param name="Time">As commands spell it.</param>
/// <param name="Spoken">As the sentence says it.</param>
internal sealed record Moment(string Time, string Spoken)
{
    private static readonly int[] CommonMinutes = [0, 0, 0, 30, 15, 45];
    private static readonly int[] CommonWaits = [5, 10, 15, 20, 30, 45];

    /// <summary>A moment, said as most people do or in one of the rarer ways.</summary>
    public static Moment Draw(SplitMix64 random, bool rare) => (rare, random.Below(4)) switch
    {
        (false, 0) => Wait(random.Pick(CommonWaits), inWords: false),
        (false, 1) => Digital(random.Below(24), random.Pick(CommonMinutes)),
        (false, _) => Clock(random.Below(24), random.Pick(CommonMinutes)),
        (true, 0) => Named(random),
        (true, 1) => Wait(2 + random.Below(58), inWords: random.Chance(0.5f)),
        (true, 2) => Spelled(random.Below(24), random.Below(3)),
        _ => random.Chance(0.5f) ? Digital(random.Below(24), random.Below(60)) : Clock(random.Below(24), 5 * random.Below(12)),
    };

    private static Moment Digital(int hour, int minute) => At(hour, minute, $"at {hour:00}:{minute:00}");

    /// <summary>at 7 am, at 9:30 pm.</summary>
    private static Moment Clock(int hour, int minute) =>
        At(hour, minute, $"at {OnDial(hour)}{(minute == 0 ? "" : $":{minute:00}")} {(hour < 12 ? "am" : "pm")}");

    /// <summary>at half past seven in the evening.</summary>
    private static Moment Spelled(int hour, int quarter)
    {
        var part = hour switch { < 5 => "at night", < 12 => "in the morning", < 18 => "in the afternoon", _ => "in the evening" };
        return quarter switch
        {
            0 => At(hour, 15, $"at quarter past {Numbers.InWords(OnDial(hour))} {part}"),
            1 => At(hour, 30, $"at half past {Numbers.InWords(OnDial(hour))} {part}"),
            _ => At(hour, 0, $"at {Numbers.InWords(OnDial(hour))} o'clock {part}"),
        };
    }

    private static Moment Wait(int minutes, bool inWords) => new($"+{minutes}m", $"in {(inWords ? Numbers.InWords(minutes) : minutes)} minutes");

    private static Moment Named(SplitMix64 random) => random.Below(5) switch
    {
        0 => new("12:00", "at noon"),
        1 => new("00:00", "at midnight"),
        2 => new("+30m", "in half an hour"),
        3 => new("+1h", "in an hour"),
        _ => Hours(2 + random.Below(8), random.Chance(0.5f)),
    };

    private static Moment Hours(int hours, bool inWords) => new($"+{hours}h", $"in {(inWords ? Numbers.InWords(hours) : hours)} hours");

    private static Moment At(int hour, int minute, string spoken) => new($"{hour:00}:{minute:00}", spoken);

    private static int OnDial(int hour) => hour % 12 == 0 ? 12 : hour % 12;
}
