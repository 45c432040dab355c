namespace PruneBuild.Evaluation.Scorers;

/// <summary>Numbers for words, so that texts are compared as numbers.</summary>
internal sealed class WordIds
{
    private readonly Dictionary<string, uint> _ids = new(StringComparer.Ordinal);

    /// <summary>One number a word; equal words have equal numbers.</summary>
    public uint[] Of(IReadOnlyList<string> words)
    {
        var result = new uint[words.Count];
        for (var i = 0; i < result.Length; i++)
        {
            if (!_ids.TryGetValue(words[i], out result[i])) _ids[words[i]] = result[i] = (uint)_ids.Count;
        }
        return result;
    }
}
