using System.Text.Json;
using System.Text.Json.Serialization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Targeting;

/// <summary>The devices that PruneBuild knows. Each is one JSON file of <c>Devices/Data</c>, embedded in the assembly.</summary>
public static class DeviceCatalogue
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    // What PruneBuild is asked for in practice and Microsoft.ML.OnnxRuntime 1.31.1 has no library for. For the musl and
    // bionic RIDs, restore falls back to the glibc library, which then does not load on the device.
    private static readonly string[] WithoutOnnxRuntime =
    [
        "linux-arm", "linux-bionic-", "linux-musl-", "linux-x86", "osx-x64", "win-arm", "win-x86",
    ];

    /// <summary>Every device, sorted by <see cref="Device.Id"/>.</summary>
    public static IReadOnlyList<Device> All { get; } = Read();

    /// <summary>Every RID with device data, sorted.</summary>
    public static IReadOnlyList<string> Rids { get; } =
        [.. All.Select(device => device.Rid).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The device that a build is for.</summary>
    /// <param name="rid">Runtime identifier of the build.</param>
    /// <param name="device">A device of that RID; null or empty for the RID's default.</param>
    /// <exception cref="PruneBuildException">
    /// PB6001: ONNX Runtime has no library for the RID. PB1020: no device data for the RID. PB1021: the RID has no such device.
    /// </exception>
    public static Device Find(string rid, string? device = null)
    {
        if (!Rids.Contains(rid))
        {
            throw WithoutOnnxRuntime.Any(missing => Matches(rid, missing))
                ? new PruneBuildException("PB6001", rid, string.Join(", ", Rids))
                : new PruneBuildException("PB1020", rid, string.Join(", ", Rids));
        }

        var candidates = All.Where(entry => entry.Rid == rid).ToList();
        if (string.IsNullOrEmpty(device))
            return candidates.Single(entry => entry.IsDefault);
        return candidates.Find(entry => entry.Id == device)
            ?? throw new PruneBuildException("PB1021", device, string.Join(", ", candidates.Select(entry => entry.Id)));
    }

    private static bool Matches(string rid, string missing) =>
        missing.EndsWith('-') ? rid.StartsWith(missing, StringComparison.Ordinal) : rid == missing;

    private static IReadOnlyList<Device> Read()
    {
        var assembly = typeof(DeviceCatalogue).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.EndsWith(".device.json", StringComparison.Ordinal))
                .Select(name =>
                {
                    using var stream = assembly.GetManifestResourceStream(name)!;
                    return JsonSerializer.Deserialize<Device>(stream, Format)!;
                })
                .OrderBy(device => device.Id, StringComparer.Ordinal),
        ];
    }
}
