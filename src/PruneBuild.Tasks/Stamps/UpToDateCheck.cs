using System.Globalization;
using System.Security.Cryptography;

namespace PruneBuild.Tasks.Stamps;

/// <summary>
/// Tells whether an artifact still answers its request. Length and timestamp decide first; where only the timestamp differs the
/// content does, so a touched file or a fresh checkout costs a hash and a file replaced by an older one is noticed.
/// </summary>
internal static class UpToDateCheck
{
    /// <param name="stampFile">The stamp; its timestamps are refreshed when only they differ.</param>
    /// <param name="requestHash">SHA-256 of the request, lower-case hexadecimal.</param>
    /// <param name="artifactFolder">The folder that the stamp's outputs are relative to.</param>
    /// <param name="today">The current day, UTC; null to ask the clock.</param>
    /// <returns>Why the artifact must be made again, or null when it is up to date.</returns>
    public static string? Reason(string stampFile, string requestHash, string artifactFolder, DateOnly? today = null)
    {
        if (Stamp.TryRead(stampFile) is not { } stamp)
            return "there is no artifact yet";
        if (!stamp.RequestHash.Equals(requestHash, StringComparison.OrdinalIgnoreCase))
            return "the request changed";
        if (stamp.ValidUntil is { } lastDay && IsOver(lastDay, today ?? DateOnly.FromDateTime(DateTime.UtcNow)))
            return $"a waiver ended on {lastDay}";
        if (stamp.Outputs.FirstOrDefault(output => !IsUntouched(output, artifactFolder)) is { } lost)
            return $"'{lost.Path}' of the artifact is missing or was changed";

        var inputs = stamp.Inputs.Select(Refresh).ToList();
        var changed = inputs.IndexOf(null);
        if (changed >= 0)
            return $"'{stamp.Inputs[changed].Path}' changed";
        if (!inputs.SequenceEqual(stamp.Inputs))
            Stamp.RefreshTimestamps(stampFile, inputs!);
        return null;
    }

    // Written this way, dates sort as text.
    private static bool IsOver(string lastDay, DateOnly today) =>
        string.CompareOrdinal(today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), lastDay) > 0;

    private static bool IsUntouched(StampOutput output, string artifactFolder)
    {
        var file = new FileInfo(Path.Combine(artifactFolder, output.Path));
        return file.Exists && file.Length == output.Length && file.LastWriteTimeUtc.Ticks == output.MtimeUtcTicks;
    }

    /// <summary>The input with its present timestamp, or null when its content is not the recorded one.</summary>
    private static StampInput? Refresh(StampInput input)
    {
        var file = new FileInfo(input.Path);
        if (!file.Exists || file.Length != input.Length)
            return null;
        var ticks = file.LastWriteTimeUtc.Ticks;
        if (ticks == input.MtimeUtcTicks)
            return input;
        return Sha256(file).Equals(input.Sha256, StringComparison.OrdinalIgnoreCase) ? input with { MtimeUtcTicks = ticks } : null;
    }

    private static string Sha256(FileInfo file)
    {
        using var stream = file.OpenRead();
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
