using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// Alignments of two sequences by dynamic programming. A common start and end costs nothing; the rest takes memory for one row and
/// time for every pair of units, so more than <see cref="MostPairs"/> pairs are refused.
/// </summary>
internal static class Alignment
{
    /// <summary>Pairs of units that are compared at most: 10,000 words against 10,000, or 10 million against 10.</summary>
    public const long MostPairs = 100_000_000;

    /// <summary>Length of the longest sequence that both contain in this order.</summary>
    /// <param name="first">One sequence.</param>
    /// <param name="second">The other.</param>
    /// <param name="scorer">Whose alignment it is, for the message.</param>
    /// <exception cref="PruneBuildException">PB5021 when the sequences are too long.</exception>
    public static int LongestCommonSubsequence(ReadOnlySpan<uint> first, ReadOnlySpan<uint> second, string scorer)
    {
        var shared = Trim(ref first, ref second, scorer);
        var row = new int[second.Length + 1];
        foreach (var unit in first)
        {
            var diagonal = 0;
            for (var j = 1; j < row.Length; j++)
            {
                var above = row[j];
                row[j] = unit == second[j - 1] ? diagonal + 1 : Math.Max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return shared + row[^1];
    }

    /// <summary>The least number of units that must be inserted, removed or replaced (V. I. Levenshtein, 1966).</summary>
    /// <param name="first">One sequence.</param>
    /// <param name="second">The other.</param>
    /// <param name="scorer">Whose alignment it is, for the message.</param>
    /// <exception cref="PruneBuildException">PB5021 when the sequences are too long.</exception>
    public static int EditDistance(ReadOnlySpan<uint> first, ReadOnlySpan<uint> second, string scorer)
    {
        Trim(ref first, ref second, scorer);
        var row = new int[second.Length + 1];
        for (var j = 0; j < row.Length; j++) row[j] = j;
        for (var i = 0; i < first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 1; j < row.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (first[i] == second[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }

    // An optimal alignment pairs the common start and end with themselves.
    private static int Trim(ref ReadOnlySpan<uint> first, ref ReadOnlySpan<uint> second, string scorer)
    {
        var start = first.CommonPrefixLength(second);
        first = first[start..];
        second = second[start..];
        var end = 0;
        while (end < first.Length && end < second.Length && first[^(end + 1)] == second[^(end + 1)]) end++;
        first = first[..^end];
        second = second[..^end];
        if ((long)first.Length * second.Length > MostPairs)
            throw new PruneBuildException("PB5021", scorer, first.Length, second.Length, MostPairs);
        return start + end;
    }
}
