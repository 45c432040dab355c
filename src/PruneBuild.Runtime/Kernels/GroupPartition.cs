namespace PruneBuild.Runtime;

/// <summary>Cuts the groups of a packed matrix into parts of about equal work: stored units, not rows, take the time.</summary>
internal sealed class GroupPartition
{
    /// <summary>Parts at most; a division of it when less work is at hand.</summary>
    public const int MaxParts = 16;

    /// <summary>What a group costs beside its units, in units.</summary>
    private const long UnitsPerGroup = 4;

    private readonly int[] bounds = GC.AllocateArray<int>(MaxParts + 1, pinned: true);

    /// <param name="groupStarts">[groups + 1] first unit of each group; empty when all groups have the same.</param>
    /// <param name="groups">Groups.</param>
    public GroupPartition(ReadOnlySpan<uint> groupStarts, int groups)
    {
        if (groupStarts.IsEmpty)
        {
            for (var part = 0; part <= MaxParts; part++)
                bounds[part] = (int)((long)groups * part / MaxParts);
            return;
        }

        var total = groupStarts[groups] + UnitsPerGroup * groups;
        var group = 0;
        for (var part = 1; part <= MaxParts; part++)
        {
            while (group < groups && groupStarts[group] + UnitsPerGroup * group < total * part / MaxParts)
                group++;
            bounds[part] = group;
        }
    }

    /// <summary>MaxParts + 1 first groups; pinned.</summary>
    public unsafe int* Bounds => (int*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(bounds, 0);
}
