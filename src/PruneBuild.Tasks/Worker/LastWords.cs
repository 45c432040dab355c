namespace PruneBuild.Tasks.Worker;

/// <summary>Keeps the last lines a process wrote, to explain its end.</summary>
internal sealed class LastWords
{
    private const int LineLimit = 20;
    private const int CharacterLimit = 2000;

    private readonly Queue<string> lines = new();

    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        if (lines.Count == LineLimit)
            lines.Dequeue();
        lines.Enqueue(line.Trim());
    }

    /// <summary>One line: MSBuild would repeat the error's prefix, and editors its entry, for each line of a longer text.</summary>
    public override string ToString()
    {
        var text = string.Join(" | ", lines);
        return text.Length switch
        {
            0 => "(none)",
            > CharacterLimit => "…" + text[^CharacterLimit..],
            _ => text,
        };
    }
}
