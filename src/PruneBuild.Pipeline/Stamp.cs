using System.Security.Cryptography;
using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;

namespace PruneBuild.Pipeline;

/// <summary>What the artifact was made of: the next build compares it and, when nothing moved, does nothing.</summary>
/// <param name="Version">Format version.</param>
/// <param name="RequestHash">SHA-256 of the request file.</param>
/// <param name="Inputs">Every file the result depends on.</param>
/// <param name="Outputs">The artifact's files, relative to its folder.</param>
public sealed record Stamp(int Version, string RequestHash, IReadOnlyList<FileFingerprint> Inputs, IReadOnlyList<StampOutput> Outputs)
{
    private static readonly JsonSerializerSettings Json = new()
    {
        Formatting = Formatting.Indented,
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
    };

    /// <summary>Writes the stamp; the last step of a build.</summary>
    public void Save(string path) => AtomicFile.WriteAllText(path, JsonConvert.SerializeObject(this, Json));

    /// <summary>Hash of the request a stamp belongs to.</summary>
    public static string HashRequest(string requestPath) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(requestPath)));
}

/// <summary>One file of the artifact.</summary>
/// <param name="Path">Relative to the artifact folder, with '/'.</param>
/// <param name="Length">Bytes.</param>
/// <param name="MtimeUtcTicks">Last write time, UTC ticks.</param>
public sealed record StampOutput(string Path, long Length, long MtimeUtcTicks);
