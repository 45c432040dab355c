namespace PruneBuild.Compression.Permutation;

/// <summary>
/// What the order of a class's units is worth along one axis of one weight. Neighbours of an axis form groups that the pattern
/// treats together; every unit brings a profile of scores, one for each place across the axis.
/// </summary>
internal abstract class AxisTerm
{
    private readonly int[] group;
    private readonly float[][] profiles;

    /// <param name="group">For each position of the class the group it lies in.</param>
    /// <param name="profiles">The scores of the unit that is at each position.</param>
    protected AxisTerm(int[] group, float[][] profiles) => (this.group, this.profiles) = (group, profiles);

    /// <summary>Length of a profile.</summary>
    protected int Places => profiles[0].Length;

    /// <summary>Additions that one <see cref="Gain"/> takes, about.</summary>
    public virtual double Cost => 2.0 * Places;

    /// <summary>What exchanging the units at two positions adds to the kept score.</summary>
    public double Gain(int first, int second) => group[first] == group[second]
        ? 0 : Change(group[first], first, profiles[first], profiles[second]) + Change(group[second], second, profiles[second], profiles[first]);

    /// <summary>Exchanges the units at two positions.</summary>
    public void Swap(int first, int second)
    {
        if (group[first] != group[second])
        {
            Replace(group[first], first, profiles[first], profiles[second]);
            Replace(group[second], second, profiles[second], profiles[first]);
        }
        (profiles[first], profiles[second]) = (profiles[second], profiles[first]);
    }

    /// <summary>The kept score as it is.</summary>
    public abstract double Value();

    /// <summary>What a group's kept score changes by when another unit takes a position.</summary>
    protected abstract double Change(int group, int position, float[] old, float[] fresh);

    /// <summary>Puts another unit in a position.</summary>
    protected abstract void Replace(int group, int position, float[] old, float[] fresh);
}
