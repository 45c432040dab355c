namespace HomeAssistant.Language;

/// <summary>What devices can be told, as commands spell it.</summary>
public static class Actions
{
    public const string On = "on";
    public const string Off = "off";
    public const string Open = "open";
    public const string Close = "close";
    public const string Start = "start";
    public const string Stop = "stop";
    public const string Lock = "lock";
    public const string Set = "set";
    public const string Up = "up";
    public const string Down = "down";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [On, Off, Open, Close, Start, Stop, Lock, Set, Up, Down];
}
