using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>Reads <c>profiles.json</c>: the user's own resource profiles beside the built-in ones.</summary>
public static class ResourceProfiles
{
    /// <summary>Usual name of the file, beside the harness.</summary>
    public const string FileName = "profiles.json";

    private const int Version = 1;
    private const int MostThreads = 1024;
    private const double LeastMemory = 1 << 20;
    private const double MostMemory = 1L << 50;

    /// <summary>The built-in profiles, those of the same name replaced, then the user's other ones in file order.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PruneBuildException">PB1010 malformed JSON, PB1011 unknown key, PB1012 bad value or a name twice, PB1013 missing
    /// key: each at its token.</exception>
    public static IReadOnlyList<ResourceProfile> Load(string path)
    {
        var file = Path.GetFullPath(path);
        var section = new JsonSection(LocatedJson.Load(file), file);
        section.AllowOnly("$schema", "version", "profiles");
        section.WholeNumber("version", Version, Version);
        var own = new List<ResourceProfile>();
        foreach (var entry in section.Sections("profiles"))
        {
            var profile = Parse(entry);
            if (own.Exists(one => one.Name == profile.Name)) throw entry.Invalid("name", "the name is there twice");
            own.Add(profile);
        }
        return
        [
            .. ResourceProfile.BuiltIn.Select(builtIn => own.Find(one => one.Name == builtIn.Name) ?? builtIn),
            .. own.Where(one => ResourceProfile.BuiltIn.All(builtIn => builtIn.Name != one.Name)),
        ];
    }

    private static ResourceProfile Parse(JsonSection entry)
    {
        entry.AllowOnly("name", "threads", "cpuQuota", "memoryBytes", "cores");
        var name = entry.Text("name");
        if (!SliceName.IsValid(name)) throw entry.Invalid("name", "an identifier is expected, such as low-battery");
        var quota = entry.Has("cpuQuota") ? entry.Number("cpuQuota", 0.01, MostThreads) : (double?)null;
        var memory = entry.Has("memoryBytes") ? (long)entry.Number("memoryBytes", LeastMemory, MostMemory) : (long?)null;
        var cores = entry.Has("cores") ? entry.WholeNumbers("cores", 0, MostThreads - 1) : null;
        if (cores is { Length: 0 } || cores?.Distinct().Count() != cores?.Length) throw entry.Invalid("cores", "numbers of cores, each once, are expected");
        return new ResourceProfile(name)
        {
            Threads = entry.Has("threads") ? entry.WholeNumber("threads", 1, MostThreads) : null,
            CpuQuota = quota,
            MemoryBytes = memory,
            Cores = cores,
        };
    }
}
