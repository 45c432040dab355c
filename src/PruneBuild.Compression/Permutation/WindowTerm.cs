namespace PruneBuild.Compression.Permutation;

/// <summary>N:M: of a window's M inputs every output keeps the N with the highest scores (Pool and Yu 2021, "Channel Permutations for N:M Sparsity").</summary>
internal sealed class WindowTerm : AxisTerm
{
    private readonly float[][] members;
    private readonly int[] slot;
    private readonly int width;
    private readonly int kept;
    private readonly double[] values;

    /// <param name="group">For each position of the class the window it lies in.</param>
    /// <param name="slot">For each position its place in the window.</param>
    /// <param name="profiles">The scores of the unit at each position, one for each output and kernel position.</param>
    /// <param name="members">[windows][places x M], the class's units and all others.</param>
    /// <param name="width">M.</param>
    /// <param name="kept">N.</param>
    public WindowTerm(int[] group, int[] slot, float[][] profiles, float[][] members, int width, int kept)
        : base(group, profiles)
    {
        (this.slot, this.members, this.width, this.kept) = (slot, members, width, kept);
        values = [.. Enumerable.Range(0, members.Length).Select(window => Sum(window, -1, []))];
    }

    /// <inheritdoc/>
    public override double Cost => 2.0 * Places * width * kept;

    /// <inheritdoc/>
    public override double Value() => values.Sum();

    /// <inheritdoc/>
    protected override double Change(int group, int position, float[] old, float[] fresh) => Sum(group, slot[position], fresh) - values[group];

    /// <inheritdoc/>
    protected override void Replace(int group, int position, float[] old, float[] fresh)
    {
        for (var place = 0; place < fresh.Length; place++)
            members[group][(place * width) + slot[position]] = fresh[place];
        values[group] = Sum(group, -1, []);
    }

    private double Sum(int window, int replaced, float[] fresh)
    {
        Span<float> scores = stackalloc float[width];
        var total = 0.0;
        for (var place = 0; place < Places; place++)
        {
            members[window].AsSpan(place * width, width).CopyTo(scores);
            if (replaced >= 0)
                scores[replaced] = fresh[place];
            for (var rank = 0; rank < kept; rank++)
            {
                var best = rank;
                for (var other = rank + 1; other < width; other++)
                    best = scores[other] > scores[best] ? other : best;
                (scores[rank], scores[best]) = (scores[best], scores[rank]);
                total += scores[rank];
            }
        }
        return total;
    }
}
