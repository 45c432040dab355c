namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// The sets of word sequences by which texts are compared. A. Z. Broder, "On the resemblance and containment of documents", Compression
/// and Complexity of Sequences (1997).
/// </summary>
internal static class Shingles
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>Hashes of all runs of so many words, sorted, each once. A text with fewer words is one run.</summary>
    public static ulong[] Of(string text, int words)
    {
        ulong[] hashes = [.. NormalizedText.Words(text).Select(Hash)];
        if (hashes.Length == 0) return [];
        var runs = new SortedSet<ulong>();
        for (var start = 0; start + Math.Min(words, hashes.Length) <= hashes.Length; start++)
        {
            var run = Offset;
            foreach (var word in hashes.AsSpan(start, Math.Min(words, hashes.Length))) run = (run ^ word) * Prime;
            runs.Add(MinHash.Mix(run));
        }
        return [.. runs];
    }

    /// <summary>The share of the runs of both that both have.</summary>
    public static double Jaccard(ulong[] first, ulong[] second)
    {
        var (i, j, common) = (0, 0, 0);
        while (i < first.Length && j < second.Length)
        {
            if (first[i] == second[j]) common++;
            var (left, right) = (first[i], second[j]);
            if (left <= right) i++;
            if (right <= left) j++;
        }
        var all = first.Length + second.Length - common;
        return all == 0 ? 0 : (double)common / all;
    }

    // FNV-1a over the UTF-16 code units.
    private static ulong Hash(string word)
    {
        var hash = Offset;
        foreach (var character in word) hash = (hash ^ character) * Prime;
        return hash;
    }
}
