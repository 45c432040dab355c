using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>The key <c>profiles</c> of a harness: limits by name.</summary>
internal static class ResourceProfiles
{
    public const string Key = "profiles";

    private const int MostThreads = 1024;
    private const double LeastMemory = 1 << 20;
    private const double MostMemory = 1L << 50;

    /// <summary>The profiles in file order; the unlimited one alone where the harness names none.</summary>
    /// <exception cref="PruneBuildException">PB1011 unknown key, PB1012 bad name or value: each at its token.</exception>
    public static IReadOnlyList<ResourceProfile> Parse(JsonSection harness)
    {
        if (!harness.Has(Key)) return [ResourceProfile.Unlimited];
        var profiles = harness.Section(Key);
        var names = harness.SectionJson(Key).Properties().Select(property => property.Name).ToList();
        return names.Count > 0 ? [.. names.Select(name => Parse(profiles, name))] : throw harness.Invalid(Key, "at least one profile is expected");
    }

    private static ResourceProfile Parse(JsonSection profiles, string name)
    {
        if (!SliceName.IsValid(name)) throw profiles.LocationOf(name).Error("PB1012", name, Key, "an identifier is expected, such as low-battery");
        var entry = profiles.Section(name);
        entry.AllowOnly("threads", "cpuQuota", "memoryBytes", "cores");
        var cores = entry.Has("cores") ? entry.WholeNumbers("cores", 0, MostThreads - 1) : null;
        if (cores is { Length: 0 } || cores?.Distinct().Count() != cores?.Length) throw entry.Invalid("cores", "numbers of cores, each once, are expected");
        return new ResourceProfile(name)
        {
            Threads = entry.Has("threads") ? entry.WholeNumber("threads", 1, MostThreads) : null,
            CpuQuota = entry.Has("cpuQuota") ? entry.Number("cpuQuota", 0.01, MostThreads) : null,
            MemoryBytes = entry.Has("memoryBytes") ? (long)entry.Number("memoryBytes", LeastMemory, MostMemory) : null,
            Cores = cores,
            Location = entry.Location,
        };
    }
}
