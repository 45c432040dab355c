namespace PruneBuild.Compression.Patterns;

/// <summary>
/// Marks all but the k lowest scores. A radix selection over the bits of the floats: linear time and no copy of the scores,
/// so a mask of a huge layer costs one bool per weight.
/// </summary>
internal static class LowestScores
{
    private const int HalfBits = 16;

    /// <summary>Sets <paramref name="keep"/> to false for exactly <paramref name="removed"/> scores; of equal scores the higher indices go.</summary>
    /// <exception cref="ArgumentException">A score is NaN.</exception>
    public static void Keep(ReadOnlySpan<float> scores, int removed, Span<bool> keep)
    {
        keep[..scores.Length].Fill(true);
        if (removed == 0)
            return;
        var counts = new int[1 << HalfBits];
        foreach (var score in scores)
            counts[Ordered(score) >> HalfBits]++;
        var left = removed;
        var high = Bucket(counts, ref left);
        Array.Clear(counts);
        foreach (var score in scores)
        {
            var bits = Ordered(score);
            if (bits >> HalfBits == high)
                counts[bits & 0xffff]++;
        }
        var threshold = (high << HalfBits) | Bucket(counts, ref left);
        for (var index = scores.Length - 1; index >= 0; index--)
        {
            var bits = Ordered(scores[index]);
            if (bits < threshold)
                keep[index] = false;
            else if (bits == threshold && left > 0)
            {
                keep[index] = false;
                left--;
            }
        }
    }

    /// <summary>The bucket that holds the <paramref name="left"/>-th lowest score; <paramref name="left"/> becomes its rank inside the bucket.</summary>
    private static uint Bucket(int[] counts, ref int left)
    {
        for (var bucket = 0u; ; bucket++)
        {
            if (left <= counts[bucket])
                return bucket;
            left -= counts[bucket];
        }
    }

    /// <summary>Bits whose unsigned order is the order of the floats; both zeros are one value.</summary>
    private static uint Ordered(float score)
    {
        if (float.IsNaN(score))
            throw new ArgumentException("A score is NaN.");
        var bits = BitConverter.SingleToUInt32Bits(score == 0 ? 0f : score);
        return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    }
}
