namespace HomeAssistant.Language;

/// <summary>How actions are said; {0} is the device with its room, {1} the value.</summary>
internal static class Phrasings
{
    /// <summary>What most people say, the most frequent first.</summary>
    public static IReadOnlyList<string> Common(string action) => action switch
    {
        Actions.On => ["turn on {0}", "turn {0} on", "switch on {0}", "switch {0} on"],
        Actions.Off => ["turn off {0}", "turn {0} off", "switch off {0}", "switch {0} off"],
        Actions.Open => ["open {0}"],
        Actions.Close => ["close {0}", "shut {0}"],
        Actions.Start => ["start {0}", "run {0}"],
        Actions.Stop => ["stop {0}"],
        Actions.Lock => ["lock {0}"],
        Actions.Up => ["turn up {0}", "turn {0} up"],
        Actions.Down => ["turn down {0}", "turn {0} down"],
        _ => ["set {0} to {1}", "put {0} at {1}"],
    };

    /// <summary>What some people say.</summary>
    public static IReadOnlyList<string> Rare(string action) => action switch
    {
        Actions.On => ["activate {0}", "power up {0}", "fire up {0}", "bring {0} to life", "get {0} going"],
        Actions.Off => ["shut down {0}", "deactivate {0}", "kill {0}", "cut the power to {0}", "put {0} to sleep"],
        Actions.Open => ["open {0} up", "throw {0} open", "get {0} opened"],
        Actions.Close => ["close {0} up", "pull {0} shut", "get {0} closed"],
        Actions.Start => ["kick off {0}", "set {0} going", "get {0} started", "launch {0}"],
        Actions.Stop => ["halt {0}", "interrupt {0}", "make {0} stop", "end {0}"],
        Actions.Lock => ["bolt {0}", "make sure {0} is locked", "lock {0} up"],
        Actions.Up => ["increase {0}", "give me more of {0}", "raise {0} a bit"],
        Actions.Down => ["reduce {0}", "give me less of {0}", "lower {0} a bit"],
        _ => ["bring {0} to {1}", "adjust {0} to {1}", "make {0} {1}", "change {0} to {1}"],
    };

    /// <summary>Orders that are no imperatives, so that "please" and "can you" do not fit before them; none for some actions.</summary>
    public static IReadOnlyList<string> Elliptic(string action) => action switch
    {
        Actions.On or Actions.Off => ["{0} " + action, "i want {0} " + action, "i need {0} " + action],
        Actions.Open => ["{0} open please"],
        Actions.Close => ["{0} closed please"],
        Actions.Set => ["{0} to {1}", "i want {0} at {1}"],
        _ => [],
    };
}
