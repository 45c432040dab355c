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
public sealed record Stamp(
    int Version, string RequestHash, IReadOnlyList<FileFingerprint> Inputs, IReadOnlyList<StampOutput> Outputs, IReadOnlyList<Diagnostic> Warnings)
{
    private static readonly JsonSerializerSettings Json = new()
    {
        Formatting = Formatting.Indented,
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
    };

    /// <summary>Writes the stamp; the last step of a build.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, JsonConvert.SerializeObject(this, Json));

    /// <summary>Whether the stamp at a path is of this request, and nothing it names has moved since.</summary>
    public static bool IsCurrent(string path, WorkRequest request)
    {
        try
        {
            if (!File.Exists(path) || JsonConvert.DeserializeObject<Stamp>(File.ReadAllText(path), Json) is not { } stamp)
                return false;
            bool Is(string file, long length, long ticks) =>
                new FileInfo(file) is { Exists: true } info && (info.Length, info.LastWriteTimeUtc.Ticks) == (length, ticks);
            return stamp.RequestHash == request.Hash
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
