namespace PruneBuild.Evaluation;

/// <summary>
/// Cuts a text into windows that overlap: each token is scored once, with as much text before it as the window holds. The first
/// token of a text has nothing before it and is scored only after a start token.
/// </summary>
internal static class TokenWindows
{
    public static IEnumerable<ModelInput> Of(int[] tokens, TaskSettings settings)
    {
        int[] start = settings.StartToken is { } token ? [token] : [];
        var room = settings.Window - start.Length;
        for (var scored = 0; scored < tokens.Length;)
        {
            var end = Math.Min(tokens.Length, scored == 0 ? room : scored + settings.Stride);
            var begin = Math.Max(0, end - room);
            var first = Math.Max(1, start.Length + scored - begin);
            if (first < start.Length + end - begin) yield return ModelInput.OfTokens([.. start, .. tokens[begin..end]], first);
            scored = end;
        }
    }
}
