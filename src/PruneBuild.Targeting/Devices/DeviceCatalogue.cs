using PruneBuild.Diagnostics;

namespace PruneBuild.Targeting;

/// <summary>The devices that PruneBuild knows. Each is one JSON file of <c>Devices/Data</c>, embedded in the assembly.</summary>
public static class DeviceCatalogue
{
    // What PruneBuild is asked for in practice and Microsoft.ML.OnnxRuntime 1.31.1 has no library for. For the musl and
    // bionic RIDs, restore falls back to the glibc library, which then does not load on the device.
    private static readonly string[] WithoutOnnxRuntime =
    [
        "linux-arm", "linux-bionic-", "linux-musl-", "linux-x86", "osx-x64", "win-arm", "win-x86",
    ];

    /// <summary>Every device, sorted by <see cref="Device.Id"/>.</summary>
    public static IReadOnlyList<Device> All { get; } = Read();

    /// <summary>Every RID that can be built for, sorted.</summary>
    public static IReadOnlyList<string> Rids { get; } = Sorted(All.Where(device => !device.IsPlanOnly));

    /// <summary>Every RID that can be planned for, sorted.</summary>
    public static IReadOnlyList<string> PlanRids { get; } = Sorted(All);

    /// <summary>The device that a build is for.</summary>
    /// <param name="rid">Runtime identifier of the build.</param>
    /// <param name="device">A device of that RID; null or empty for the RID's default.</param>
    /// <exception cref="PruneBuildException">
    /// PB6001: ONNX Runtime has no library for the RID. PB1020: no device data for the RID. PB1021: the RID has no such device.
    /// </exception>
    public static Device Find(string rid, string? device = null) => Find(rid, device, Rids);

    /// <summary>As <see cref="Find(string, string?)"/>, for a plan: RIDs that cannot be built for are known too.</summary>
    /// <inheritdoc cref="Find(string, string?)"/>
    public static Device FindToPlan(string rid, string? device = null) => Find(rid, device, PlanRids);

    private static Device Find(string rid, string? device, IReadOnlyList<string> rids)
    {
        if (!rids.Contains(rid))
        {
            throw WithoutOnnxRuntime.Any(missing => Matches(rid, missing))
                ? new PruneBuildException("PB6001", rid, string.Join(", ", rids))
                : new PruneBuildException("PB1020", rid, string.Join(", ", rids));
        }

        var candidates = All.Where(entry => entry.Rid == rid).ToList();
        if (string.IsNullOrEmpty(device))
            return candidates.Single(entry => entry.IsDefault);
        return candidates.Find(entry => entry.Id == device)
            ?? throw new PruneBuildException("PB1021", device, string.Join(", ", candidates.Select(entry => entry.Id)));
    }

    private static bool Matches(string rid, string missing) =>
        missing.EndsWith('-') ? rid.StartsWith(missing, StringComparison.Ordinal) : rid == missing;

    private static List<string> Sorted(IEnumerable<Device> devices) =>
        [.. devices.Select(device => device.Rid).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A device derives rates from those with rates of their own, or from one that did so before it.</summary>
    private static List<Device> Read()
    {
        var assembly = typeof(DeviceCatalogue).Assembly;
        var waiting = assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".device.json", StringComparison.Ordinal))
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return DeviceFile.Parse(reader.ReadToEnd());
            })
            .ToList();
        var devices = new List<Device>(waiting.Count);
        while (waiting.Count > 0)
        {
            var next = waiting.Find(device => device.DerivedSparseRates.All(derived => devices.Exists(other => other.Id == derived.Like)))
                ?? throw new InvalidOperationException($"The rates of '{waiting[0].Id}' derive from no device.");
            waiting.Remove(next);
            devices.Add(next.WithDerivedRates(devices));
        }

        return [.. devices.OrderBy(device => device.Id, StringComparer.Ordinal)];
    }
}
