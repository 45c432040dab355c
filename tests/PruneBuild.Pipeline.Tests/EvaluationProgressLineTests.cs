using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline.Tests;

public sealed class EvaluationProgressLineTests
{
    [Fact]
    public void Lines_tell_the_cases_done_the_rate_and_the_time_left()
    {
        // 100 cases a second; the first batch tells no rate because it paid for loading the model.
        var lines = Lines(total: 400, step: 100, secondsAStep: 1);
        Assert.Equal(
            [
                "artifact: 100 of 400 cases",
                "artifact: 200 of 400 cases, 100 a second, 2 s left",
                "artifact: 300 of 400 cases, 100 a second, 1 s left",
                "artifact: 400 of 400 cases, 100 a second",
            ],
            lines);
    }

    [Fact]
    public void A_short_evaluation_says_something_for_each_quarter_only() =>
        Assert.Equal(5, Lines(total: 10_000, step: 10, secondsAStep: 0.001).Count);

    [Fact]
    public void A_long_evaluation_gives_signs_of_life_and_does_not_flood_the_log()
    {
        // Ten hours.
        var lines = Lines(total: 36_000, step: 1, secondsAStep: 1);
        Assert.InRange(lines.Count, 20, 50);
        Assert.Contains(lines, line => line.EndsWith(" h left", StringComparison.Ordinal));
    }

    private static List<string> Lines(int total, int step, double secondsAStep)
    {
        var (reporter, clock) = (new Recorder(), new ManualClock());
        var line = new EvaluationProgressLine(reporter, "evaluate", "artifact", clock);
        for (var done = step; done <= total; done += step)
        {
            clock.Advance(secondsAStep);
            line.Report(new EvaluationProgress(done, total));
        }
        return reporter.Lines;
    }

    private sealed class Recorder : IWorkReporter
    {
        public List<string> Lines { get; } = [];

        public void Report(Diagnostic diagnostic) => Assert.Fail(diagnostic.ToString());

        public void Progress(string stage, string message, double? fraction = null) => Lines.Add(message);
    }

    private sealed class ManualClock : TimeProvider
    {
        private long now = TimeSpan.TicksPerHour;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(double seconds) => now += (long)(seconds * TimeSpan.TicksPerSecond);
    }
}
