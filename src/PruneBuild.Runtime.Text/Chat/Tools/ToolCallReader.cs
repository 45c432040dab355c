using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>A part of an answer: text, or a call.</summary>
/// <param name="Text">Text that is not empty; null for a call.</param>
/// <param name="Call">The call; null for text.</param>
internal readonly record struct AnswerPart(string? Text, WrittenToolCall? Call);

/// <summary>
/// Finds tool calls in an answer that comes in parts. What may become a call is kept back until it is one; what does not become one is
/// text, as it was written. White space before a call is neither.
/// </summary>
internal sealed class ToolCallReader(ToolCallFormat format)
{
    private readonly string mark = format switch { ToolCallFormat.Hermes => ToolCallFormats.Start, ToolCallFormat.Mistral => ToolCallFormats.List, _ => "" };
    private readonly StringBuilder held = new();
    private bool inCall;
    private bool spoke;

    /// <summary>Whether a call was found.</summary>
    public bool FoundCalls { get; private set; }

    /// <summary>Takes a part, and gives what is certain now.</summary>
    public IReadOnlyList<AnswerPart> Push(string text)
    {
        held.Append(text);
        var parts = new List<AnswerPart>();
        while (inCall ? End(parts) : Begin(parts))
        {
        }
        return parts;
    }

    /// <summary>The rest, at the end of the answer. A call may lack its last mark, for which some models write the end itself.</summary>
    public IReadOnlyList<AnswerPart> Flush()
    {
        var (rest, parts) = (Take(held.Length), new List<AnswerPart>());
        if (inCall)
            AddCalls(rest, rest[mark.Length..], parts);
        else if (!FoundCalls || !string.IsNullOrWhiteSpace(rest))
            AddText(rest, parts);
        return parts;
    }

    /// <summary>Gives the text before a call. True when one begins.</summary>
    private bool Begin(List<AnswerPart> parts)
    {
        var text = held.ToString();
        if (format == ToolCallFormat.Llama)
        {
            // All of the answer, or nothing.
            var first = text.AsSpan().TrimStart();
            inCall = !spoke && first is ['{', ..];
            if (!inCall && (spoke || !first.IsEmpty))
                AddText(Take(text.Length), parts);
            return inCall;
        }
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        inCall = at >= 0;
        AddText(Take(text.AsSpan(0, inCall ? at : text.Length - Beginning(text)).TrimEnd().Length), parts);
        if (inCall)
            Take(held.ToString().IndexOf(mark, StringComparison.Ordinal));
        return inCall;
    }

    /// <summary>Gives a call that is whole. True when the answer goes on behind it.</summary>
    private bool End(List<AnswerPart> parts)
    {
        // The other formats have no mark there.
        var at = format == ToolCallFormat.Hermes ? EndIn(held.ToString()) : -1;
        if (at < 0)
            return false;
        var call = Take(at + ToolCallFormats.End.Length);
        AddCalls(call, call[mark.Length..at], parts);
        inCall = false;
        return true;
    }

    /// <summary>Where the mark is that ends a call, or -1: an argument may have it in its text.</summary>
    private int EndIn(string text)
    {
        var at = text.IndexOf(ToolCallFormats.End, StringComparison.Ordinal);
        while (at >= 0 && IsInString(text.AsSpan(mark.Length, at - mark.Length)))
            at = text.IndexOf(ToolCallFormats.End, at + 1, StringComparison.Ordinal);
        return at;
    }

    /// <summary>Whether JSON breaks off in a string, which no line is longer than.</summary>
    private static bool IsInString(ReadOnlySpan<char> json)
    {
        var inside = false;
        for (var index = 0; index < json.Length; index++)
        {
            if (json[index] == '"')
                inside = !inside;
            else if (inside && json[index] == '\\')
                index++;
            else if (json[index] < ' ')
                inside = false;
        }
        return inside;
    }

    /// <summary>How much of a text's end may be the beginning of the mark.</summary>
    private int Beginning(string text)
    {
        var length = Math.Min(text.Length, mark.Length - 1);
        while (length > 0 && !text.EndsWith(mark[..length], StringComparison.Ordinal))
            length--;
        return length;
    }

    private void AddCalls(string written, string json, List<AnswerPart> parts)
    {
        if (WrittenToolCall.Parse(json) is { } calls)
        {
            FoundCalls = true;
            parts.AddRange(calls.Select(call => new AnswerPart(null, call)));
        }
        else
            AddText(written, parts);
    }

    private void AddText(string text, List<AnswerPart> parts)
    {
        if (text.Length == 0)
            return;
        spoke = true;
        parts.Add(new(text, null));
    }

    private string Take(int count)
    {
        var taken = held.ToString(0, count);
        held.Remove(0, count);
        return taken;
    }
}
