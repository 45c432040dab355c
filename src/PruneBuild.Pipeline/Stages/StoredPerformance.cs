using System.Globalization;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Pipeline;

/// <summary>
/// What parent and candidate take under each profile of a harness: imported where a device measured it, else measured once for each pair of
/// models and profile, where this machine is of the target's kind or the harness lets it stand in.
/// </summary>
internal static class StoredPerformance
{
    private const string Stage = "performance";
    private const string FileName = "record.json";

    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <param name="context">The work.</param>
    /// <param name="harness">Its harness.</param>
    /// <param name="cases">Its cases.</param>
    /// <param name="parentModel">The dense parent.</param>
    /// <param name="candidateModel">The candidate.</param>
    /// <param name="outputs">Keys of the outputs of both: all that the models and their inputs are.</param>
    public static IReadOnlyList<PerformanceRecord> Of(WorkContext context, Harness harness, CaseSet cases, string parentModel, string candidateModel, string outputs)
    {
        var timed = TimedCases.Choose(cases, harness.Performance.Latency.Blocks);
        var work = new MeasuringWork(harness, cases, timed, parentModel, candidateModel) { TokenizerFolder = Path.GetDirectoryName(parentModel) };
        var imported = Imported(context, harness, work);
        return [.. harness.Profiles.Select(profile => imported?.Find(profile) switch
        {
            { Record: { } record } => record,
            { Reason: var reason } => Measured(context, work, profile, outputs, reason),
            null => Measured(context, work, profile, outputs, null),
        })];
    }

    private static PerformanceRecord Measured(WorkContext context, MeasuringWork work, ResourceProfile profile, string outputs, string? unusable)
    {
        var (host, target) = (HostMachine.Rid, context.Request.Rid);
        var because = unusable is null ? "" : $"; {unusable}";
        if (host != target && !work.Harness.Performance.AllowProxy)
            return PerformanceRecord.NotMeasured(profile, target, $"{host} cannot measure what is made for {target}{because}");
        if (context.StartProbe is not { } start)
            return PerformanceRecord.NotMeasured(profile, target, $"there is no process to measure in{because}");
        var latency = work.Harness.Performance.Latency;
        var key = context.Key(Stage)
            .Add("outputs", outputs)
            .Add("profile", profile.Limits)
            .Add("threads", context.Threads.ToString(CultureInfo.InvariantCulture))
            .Add("machine", MeasuringWork.Machine)
            .Add("blocks", string.Join(',', work.Timed.Blocks))
            .Add("seconds", latency.Seconds.ToString("R", CultureInfo.InvariantCulture))
            .ToString();
        var folder = context.Store.GetOrMake(Stage, key, working =>
        {
            context.Reporter.Progress("evaluate", $"measuring{(profile.Name.Length > 0 ? $" under '{profile.Name}'" : "")}");
            using var alone = MeasurementLock.Enter(Patience, cancellation: context.Cancellation);
            var record = work.Measure(profile, start, context.Threads, working, context.Today, context.Cancellation);
            new PerformanceFile([record]).Save(Path.Combine(working, FileName));
        }, context.Cancellation);
        context.Store.Trim(Stage, keep: 8 * work.Harness.Profiles.Count);
        var stored = PerformanceFile.Load(Path.Combine(folder, FileName)).Records[0] with { Profile = profile.Name };
        return host == target ? stored : stored with { State = MeasurementState.Proxy, Reason = $"proxy: measured on {host}{because}" };
    }

    private static ImportedRecords? Imported(WorkContext context, Harness harness, MeasuringWork work)
    {
        if (context.Request.Measurements.Count == 0)
            return null;
        var files = context.Request.Measurements.Select(path =>
        {
            context.Files.Of(context.Existing(path, "PruneBuildMeasurements"), "measurement");
            return (Path.GetFileName(path), PerformanceFile.Load(path));
        }).ToList();
        return new ImportedRecords(
            files, context.Request.Rid, MeasuringWork.HashOf(work.CandidateModel), new Lazy<string>(work.HashOfInputs), context.Today, harness.Performance.MaxAgeDays);
    }
}
