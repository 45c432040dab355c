using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Pipeline;

/// <summary>What the artifact was made of: the next build compares it and, when nothing moved, does nothing.</summary>
/// <param name="Version">Format version.</param>
/// <param name="RequestHash">SHA-256 of the request file.</param>
/// <param name="Inputs">Every file the result depends on.</param>
/// <param name="Outputs">The artifact's files, relative to its folder.</param>
/// <param name="Warnings">What the build said and says again while nothing moves.</param>
/// <param name="ValidUntil">Last day of the waiver, or of a judge's calibration, that ends first of those that let the artifact through, as 2026-12-31; null without any.</param>
public sealed record Stamp(
    int Version, string RequestHash, IReadOnlyList<FileFingerprint> Inputs, IReadOnlyList<StampOutput> Outputs, IReadOnlyList<Diagnostic> Warnings, string? ValidUntil = null)
{
    private static readonly JsonSerializerSettings Json = new()
    {
        Formatting = Formatting.Indented,
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        NullValueHandling = NullValueHandling.Ignore,
    };

    /// <summary>Writes the stamp; the last step of a build.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, JsonConvert.SerializeObject(this, Json));

    /// <summary>Whether the stamp at a path is of this request, nothing it names has moved since and no waiver behind it has ended.</summary>
    public static bool IsCurrent(string path, WorkRequest request, DateOnly today)
    {
        try
        {
            if (!File.Exists(path) || JsonConvert.DeserializeObject<Stamp>(File.ReadAllText(path), Json) is not { } stamp)
                return false;
            bool Is(string file, long length, long ticks) =>
                new FileInfo(file) is { Exists: true } info && (info.Length, info.LastWriteTimeUtc.Ticks) == (length, ticks);
            var isOver = string.CompareOrdinal(stamp.ValidUntil, Evaluation.Waivers.Text(today)) < 0 && stamp.ValidUntil is not null;
            return !isOver && stamp.RequestHash == request.Hash
                && stamp.Inputs.All(input => Is(input.Path, input.Length, input.MtimeUtcTicks))
                && stamp.Outputs.All(output => Is(Path.Combine(request.ArtifactFolder, output.Path), output.Length, output.MtimeUtcTicks));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>One file of the artifact.</summary>
/// <param name="Path">Relative to the artifact folder, with '/'.</param>
/// <param name="Length">Bytes.</param>
/// <param name="MtimeUtcTicks">Last write time, UTC ticks.</param>
public sealed record StampOutput(string Path, long Length, long MtimeUtcTicks);
