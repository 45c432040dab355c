using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>Looks for stop strings in a text that comes in parts, and keeps back what might be the beginning of one.</summary>
internal sealed class StopScanner(IReadOnlyList<string> stops)
{
    private readonly StringBuilder held = new();

    /// <summary>Whether a stop string was found; nothing follows.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes a part, and gives what no stop string can begin in any more.</summary>
    public string Push(string part)
    {
        if (stops.Count == 0 || part.Length == 0)
            return part;
        var text = held.Length == 0 ? part : held.Append(part).ToString();
        held.Clear();
        var first = -1;
        foreach (var stop in stops)
            if (text.IndexOf(stop, StringComparison.Ordinal) is var at and >= 0 && (first < 0 || at < first))
                first = at;
        if (first >= 0)
        {
            Stopped = true;
            return text[..first];
        }
        var kept = Math.Min(text.Length, stops.Max(stop => stop.Length) - 1);
        while (kept > 0 && !stops.Any(stop => stop.AsSpan().StartsWith(text.AsSpan(text.Length - kept), StringComparison.Ordinal)))
            kept--;
        held.Append(text, text.Length - kept, kept);
        return text[..^kept];
    }

    /// <summary>What was kept back, at the end of the text.</summary>
    public string Flush()
    {
        var text = held.ToString();
        held.Clear();
        return text;
    }
}
