using System.Globalization;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>
/// Passes evaluated cases on as worker events: how many, how fast, how long still. A line comes with every quarter of the work, and in
/// between when the last one is old; what counts as old grows with the run, so that hours of work do not flood a log.
/// </summary>
internal sealed class EvaluationProgressLine(IWorkReporter reporter, string stage, string subject, TimeProvider? clock = null) : IProgress<EvaluationProgress>
{
    private const double OldShare = 0.25;

    private static readonly TimeSpan FewestOld = TimeSpan.FromSeconds(30);

    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly Quarters quarters = new();
    private (long Time, int Done)? first;
    private long last;

    public void Report(EvaluationProgress value)
    {
        var now = clock.GetTimestamp();
        // The first batch pays for loading the model, so it tells nothing of the rate.
        first ??= (now, value.Done);
        var elapsed = clock.GetElapsedTime(first.Value.Time, now);
        var isOld = clock.GetElapsedTime(last, now) >= (elapsed * OldShare > FewestOld ? elapsed * OldShare : FewestOld);
        if (!quarters.IsNew(value.Done, value.Total, out _) && !isOld)
            return;
        last = now;
        reporter.Progress(stage, $"{subject}: {value.Done} of {value.Total} cases{Speed(value, elapsed)}", (double)value.Done / value.Total);
    }

    private string Speed(EvaluationProgress value, TimeSpan elapsed)
    {
        var done = value.Done - first!.Value.Done;
        if (done <= 0 || elapsed <= TimeSpan.Zero)
            return "";
        var rate = done / elapsed.TotalSeconds;
        var text = string.Create(CultureInfo.InvariantCulture, $", {(rate >= 10 ? Math.Round(rate) : rate):#,0.#} a second");
        return value.Done < value.Total ? $"{text}, {Left(TimeSpan.FromSeconds((value.Total - value.Done) / rate))} left" : text;
    }

    private static string Left(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => "less than a second",
        < 90 => $"{Math.Round(time.TotalSeconds)} s",
        < 5400 => $"{Math.Round(time.TotalMinutes)} min",
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
    };
}
