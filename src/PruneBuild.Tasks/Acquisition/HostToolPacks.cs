using Microsoft.Build.Framework;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Acquisition;

/// <summary>Picks the packages of one build host from the pinned list.</summary>
internal static class HostToolPacks
{
    /// <summary>The packages for all hosts and those for this one.</summary>
    /// <exception cref="PruneBuildException">PB0002: the list has no package for this host.</exception>
    public static IReadOnlyList<ToolPack> Select(IEnumerable<ITaskItem> items, string hostRid)
    {
        var all = items.ToList();
        if (!all.Any(item => item.GetMetadata("HostRid") == hostRid))
            throw new PruneBuildException("PB0002", hostRid);
        return
        [
            .. all.Where(item => item.GetMetadata("HostRid") is var rid && (rid.Length == 0 || rid == hostRid))
                .Select(item => new ToolPack(
                    item.ItemSpec.ToLowerInvariant(), item.GetMetadata("Version"), item.GetMetadata("ContentHash"))),
        ];
    }
}
