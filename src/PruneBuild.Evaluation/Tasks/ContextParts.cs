namespace PruneBuild.Evaluation;

/// <summary>
/// Takes a text apart by how many tokens the model has before each scored one, the start token among them: what a long context costs is seen on
/// the late tokens of a window, which the many early ones would hide. The parts share the windows, which the model is asked once.
/// </summary>
internal static class ContextParts
{
    /// <summary>The parts that have tokens, the shortest contexts first; the whole text where nobody asks for lengths.</summary>
    /// <param name="windows">The windows of a text.</param>
    /// <param name="lengths">The lengths, or null.</param>
    public static IReadOnlyList<TaskCase> Of(IReadOnlyList<ModelInput> windows, ContextLengths? lengths)
    {
        if (lengths is null) return [new TaskCase(windows)];
        var parts = new List<TaskCase>();
        var from = 0;
        foreach (var end in lengths.Limits.Select(limit => limit + 1).Append(int.MaxValue))
        {
            // The token at place n has n before it.
            var start = from;
            TokenRange[] ranges = [.. windows.Select(window => TokenRange.Within(window, start, end))];
            if (ranges.Any(range => range.Count > 0)) parts.Add(new TaskCase(windows) { Scored = ranges, Context = start });
            from = end;
        }
        return parts;
    }
}
