namespace PruneBuild.Evaluation.Scorers;

/// <summary>How often every n-gram of a text occurs, sorted: memory and time stay in proportion to the text (times the logarithm of its length).</summary>
internal sealed class NgramCounts
{
    private readonly UInt128[] _ngrams;
    private readonly int[] _counts;

    private NgramCounts(UInt128[] ngrams, int[] counts) => (_ngrams, _counts) = (ngrams, counts);

    /// <summary>Number of n-grams, repeated ones included.</summary>
    public long Total => _counts.Sum(count => (long)count);

    /// <summary>Counts the n-grams of a text.</summary>
    /// <param name="units">Words or characters as numbers below 2^<paramref name="bits"/>.</param>
    /// <param name="order">n; <paramref name="order"/> × <paramref name="bits"/> is at most 128.</param>
    /// <param name="bits">Bits that a unit needs.</param>
    public static NgramCounts Of(ReadOnlySpan<uint> units, int order, int bits)
    {
        var all = new UInt128[Math.Max(0, units.Length - order + 1)];
        for (var i = 0; i < all.Length; i++)
        {
            var ngram = UInt128.Zero;
            foreach (var unit in units.Slice(i, order)) ngram = (ngram << bits) | unit;
            all[i] = ngram;
        }
        Array.Sort(all);
        var counts = new int[all.Length];
        var distinct = 0;
        for (var i = 0; i < all.Length; i++)
        {
            if (i > 0 && all[i] == all[i - 1]) counts[distinct - 1]++;
            else (all[distinct], counts[distinct++]) = (all[i], 1);
        }
        return new NgramCounts(all[..distinct], counts[..distinct]);
    }

    /// <summary>Σ min(count here, count there): the n-grams that both have.</summary>
    public long Overlap(NgramCounts other)
    {
        long sum = 0;
        for (int i = 0, j = 0; i < _ngrams.Length && j < other._ngrams.Length;)
        {
            var order = _ngrams[i].CompareTo(other._ngrams[j]);
            if (order == 0) sum += Math.Min(_counts[i++], other._counts[j++]);
            else if (order < 0) i++;
            else j++;
        }
        return sum;
    }

    /// <summary>max(count here, count there) of every n-gram: what several references allow together.</summary>
    public NgramCounts Union(NgramCounts other)
    {
        var ngrams = new List<UInt128>(_ngrams.Length + other._ngrams.Length);
        var counts = new List<int>(ngrams.Capacity);
        for (int i = 0, j = 0; i < _ngrams.Length || j < other._ngrams.Length;)
        {
            var order = i == _ngrams.Length ? 1 : j == other._ngrams.Length ? -1 : _ngrams[i].CompareTo(other._ngrams[j]);
            ngrams.Add(order <= 0 ? _ngrams[i] : other._ngrams[j]);
            var here = order <= 0 ? _counts[i++] : 0;
            var there = order >= 0 ? other._counts[j++] : 0;
            counts.Add(Math.Max(here, there));
        }
        return new NgramCounts([.. ngrams], [.. counts]);
    }
}
