namespace PruneBuild.Runtime;

/// <summary>Cuts the groups of a packed matrix into parts of about equal work: stored blocks, not rows, take the time.</summary>
internal sealed class GroupPartition
{
    /// <summary>Parts at most; a division of it when less work is at hand.</summary>
    public const int MaxParts = 16;

    /// <summary>What a group costs beside its blocks, in blocks.</summary>
    private const long BlocksPerGroup = 4;

    private readonly int[] bounds = GC.AllocateArray<int>(MaxParts + 1, pinned: true);

    public GroupPartition(ReadOnlySpan<uint> groupStarts)
    {
        var groups = groupStarts.Length - 1;
        var total = groupStarts[groups] + BlocksPerGroup * groups;
        var group = 0;
        for (var part = 1; part <= MaxParts; part++)
        {
            while (group < groups && groupStarts[group] + BlocksPerGroup * group < total * part / MaxParts)
                group++;
            bounds[part] = group;
        }
    }

    /// <summary>MaxParts + 1 first groups; pinned.</summary>
    public unsafe int* Bounds => (int*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(bounds, 0);
}
