using System.Globalization;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Performance;

/// <summary>What devices measured elsewhere, and whether it counts for this candidate.</summary>
/// <param name="files">Name and content of each file.</param>
/// <param name="rid">The target.</param>
/// <param name="artifact">SHA-256 of the candidate's model files.</param>
/// <param name="inputs">Hash of the inputs that have to be timed.</param>
/// <param name="today">The current day.</param>
/// <param name="maxAgeDays">How old a record may be.</param>
public sealed class ImportedRecords(
    IReadOnlyList<(string Name, PerformanceFile Content)> files, string rid, string artifact, Lazy<string> inputs, DateOnly today, int maxAgeDays)
{
    /// <summary>The newest record of a profile that counts; else why none does; null where no file speaks of the target and the profile.</summary>
    public (PerformanceRecord? Record, string Reason)? Find(ResourceProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var found = (
            from file in files
            from record in file.Content.Records
            where record.Rid == rid && record.Profile == profile.Name
            orderby record.Date descending
            select (file.Name, Record: record, Obstacle: Obstacle(record, profile))).ToList();
        if (found.Count == 0) return null;
        var usable = found.Find(one => one.Obstacle is null);
        if (usable.Record is null) return (null, $"'{found[0].Name}' does not count: {found[0].Obstacle}");
        return (usable.Record with
        {
            State = MeasurementState.Imported,
            Reason = $"imported from {usable.Name}",
            ValidUntil = Waivers.Text(Waivers.Day(usable.Record.Date)!.Value.AddDays(maxAgeDays)),
        }, "");
    }

    private string? Obstacle(PerformanceRecord record, ResourceProfile profile)
    {
        if (record.Artifact != artifact) return "it is of another artifact";
        if (record.ProfileLimits != profile.Limits) return $"the profile has other limits there: {record.ProfileLimits}";
        if (Waivers.Day(record.Date) is not { } day) return $"its date '{record.Date}' is none";
        var age = today.DayNumber - day.DayNumber;
        if (age > maxAgeDays) return string.Create(CultureInfo.InvariantCulture, $"it is {age} days old, at most {maxAgeDays} are allowed");
        return record.Inputs == inputs.Value ? null : "other inputs were timed";
    }
}
