namespace PruneBuild.Compression.Permutation;

/// <summary>
/// Blocks: a group's block at each place is kept whole or not at all. With the threshold τ between kept and removed blocks, what
/// is kept above it is Σ max(s − τ, 0): largest when what matters gathers in some blocks and the others are poor.
/// </summary>
internal sealed class BlockTerm : AxisTerm
{
    private readonly float[][] sums;
    private readonly float threshold;

    /// <param name="group">For each position of the class the group it lies in.</param>
    /// <param name="profiles">The scores of the unit at each position, summed over the block's other side.</param>
    /// <param name="sums">[groups][places], the class's units and all others.</param>
    /// <param name="sparsity">Fraction of blocks that will be removed.</param>
    public BlockTerm(int[] group, float[][] profiles, float[][] sums, double sparsity)
        : base(group, profiles)
    {
        this.sums = sums;
        var all = sums.SelectMany(row => row).Order().ToArray();
        threshold = all[Math.Clamp((int)(sparsity * all.Length), 0, all.Length - 1)];
    }

    /// <inheritdoc/>
    public override double Value() => sums.Sum(row => row.Sum(sum => (double)Math.Max(sum - threshold, 0)));

    /// <inheritdoc/>
    protected override double Change(int group, int position, float[] old, float[] fresh)
    {
        var change = 0.0;
        var row = sums[group];
        for (var place = 0; place < row.Length; place++)
            change += Math.Max(row[place] - old[place] + fresh[place] - threshold, 0) - Math.Max(row[place] - threshold, 0);
        return change;
    }

    /// <inheritdoc/>
    protected override void Replace(int group, int position, float[] old, float[] fresh)
    {
        for (var place = 0; place < fresh.Length; place++)
            sums[group][place] += fresh[place] - old[place];
    }
}
