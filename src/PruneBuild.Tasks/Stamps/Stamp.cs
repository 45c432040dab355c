using System.Text.Json;
using System.Text.Json.Nodes;
using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Stamps;

/// <summary>A file that the artifact depends on.</summary>
internal sealed record StampInput(string Path, long Length, long MtimeUtcTicks, string Sha256);

/// <summary>A file of the artifact, relative to its folder.</summary>
internal sealed record StampOutput(string Path, long Length, long MtimeUtcTicks);

/// <summary>A warning the worker gave. Line and column are 1-based, 0 when unknown.</summary>
internal sealed record StampWarning(string Code, string Message, string? File = null, int Line = 0, int Column = 0)
{
    public Diagnostic ToDiagnostic() => new(Code, Severity.Warning, Message, File, Line, Column);
}

/// <summary>
/// The worker's record of a finished artifact. It is written last: no stamp, no artifact. <c>ValidUntil</c> is the last day of a waiver
/// that let it through, as 2026-12-31, or null.
/// </summary>
internal sealed record Stamp(
    int Version,
    string RequestHash,
    IReadOnlyList<StampInput> Inputs,
    IReadOnlyList<StampOutput> Outputs,
    IReadOnlyList<StampWarning>? Warnings = null,
    string? ValidUntil = null)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>Reads a stamp; null when there is none or it is damaged, which both mean that the artifact must be made.</summary>
    public static Stamp? TryRead(string path)
    {
        try
        {
            var stamp = File.Exists(path) ? JsonSerializer.Deserialize<Stamp>(File.ReadAllBytes(path), Json) : null;
            return stamp is { Version: 1 } ? stamp : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Replaces the timestamps of the inputs in a stamp file and keeps whatever else the worker wrote there.</summary>
    public static void RefreshTimestamps(string path, IReadOnlyList<StampInput> inputs)
    {
        var stamp = JsonNode.Parse(File.ReadAllBytes(path))!;
        for (var i = 0; i < inputs.Count; i++)
            stamp["inputs"]![i]!["mtimeUtcTicks"] = inputs[i].MtimeUtcTicks;
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(stamp, Json));
    }
}
