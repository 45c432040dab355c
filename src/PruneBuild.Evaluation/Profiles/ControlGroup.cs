using System.Globalization;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>
/// A control group of Linux (version 2) for one child process. It is made beside the own group, whose parent has the controllers switched
/// on already, or inside it; both need a writable <c>/sys/fs/cgroup</c>, as containers with delegation and root have it.
/// </summary>
internal sealed class ControlGroup : IDisposable
{
    public const string DefaultRoot = "/sys/fs/cgroup";

    private const int PeriodMicroseconds = 100_000;
    private static int _made;

    private ControlGroup(string folder) => Folder = folder;

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>The file that a process writes its id to in order to join.</summary>
    public string Members => Path.Combine(Folder, "cgroup.procs");

    /// <summary>Number of processes that were killed because the memory was used up.</summary>
    public long Killed => Number(File.ReadLines(Path.Combine(Folder, "memory.events")).FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))?.Split(' ')[1]);

    /// <summary>The largest memory so far in bytes; 0 when the kernel does not say it.</summary>
    public long PeakBytes => File.Exists(Path.Combine(Folder, "memory.peak")) ? Number(File.ReadAllText(Path.Combine(Folder, "memory.peak")).Trim()) : 0;

    /// <summary>Makes a group with the profile's quota and memory.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="root">Where groups are mounted.</param>
    /// <param name="own">Path of the own group under the root, as <c>/proc/self/cgroup</c> says it after <c>0::</c>; null to read it there.</param>
    /// <returns>The group, or null and why there is none.</returns>
    public static (ControlGroup? Group, string Reason) TryCreate(ResourceProfile profile, string root = DefaultRoot, string? own = null)
    {
        if (!File.Exists(Path.Combine(root, "cgroup.controllers"))) return (null, "no cgroup v2 is mounted");
        own ??= File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
        if (own is null) return (null, "this process is in no cgroup v2");
        var ownFolder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(root, own.TrimStart('/'))));
        var reason = "no group is writable";
        foreach (var parent in ownFolder == Path.GetFullPath(root) ? [ownFolder] : (string[])[Path.GetDirectoryName(ownFolder)!, ownFolder])
        {
            var controllers = Controllers(parent);
            string[] missing = [.. Needed(profile).Where(controller => !controllers.Contains(controller))];
            if (missing.Length > 0)
            {
                reason = $"the controller {string.Join(", ", missing)} is not switched on";
                continue;
            }
            try
            {
                return (Create(profile, parent), "cgroup v2");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                reason = exception.Message;
            }
        }
        return (null, reason);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A grandchild is still in it; the kernel keeps an empty group at no cost.
        }
    }

    private static ControlGroup Create(ResourceProfile profile, string parent)
    {
        var name = FormattableString.Invariant($"prunebuild-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}");
        var group = new ControlGroup(Directory.CreateDirectory(Path.Combine(parent, name)).FullName);
        try
        {
            if (profile.CpuQuota is { } quota)
                group.Set("cpu.max", FormattableString.Invariant($"{(long)Math.Round(quota * PeriodMicroseconds)} {PeriodMicroseconds}"));
            if (profile.MemoryBytes is { } bytes)
            {
                group.Set("memory.max", bytes.ToString(CultureInfo.InvariantCulture));
                // Where pages may be swapped out, the limit would only make it slow.
                if (File.Exists(Path.Combine(group.Folder, "memory.swap.max"))) group.Set("memory.swap.max", "0");
            }
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    private static IEnumerable<string> Needed(ResourceProfile profile)
    {
        if (profile.CpuQuota is not null) yield return "cpu";
        if (profile.MemoryBytes is not null) yield return "memory";
    }

    private static string[] Controllers(string folder)
    {
        var file = Path.Combine(folder, "cgroup.subtree_control");
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private void Set(string file, string value) => File.WriteAllText(Path.Combine(Folder, file), value);

    private static long Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
