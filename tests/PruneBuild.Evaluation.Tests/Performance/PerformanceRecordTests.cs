using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Tests.Performance;

public class PerformanceRecordTests
{
    [Theory]
    [InlineData("linux-x64", "linux-x64", MeasurementState.Measured, MeasurementState.Measured)]
    [InlineData("linux-x64", "win-arm64", MeasurementState.NotMeasured, MeasurementState.Proxy)]
    public void Another_machine_tells_answers_and_no_times(string host, string target, MeasurementState times, MeasurementState answers) =>
        Assert.Equal((times, answers), (MeasurementOrigin.OfTimes(host, target), MeasurementOrigin.OfAnswers(host, target)));

    [Fact]
    public void What_a_device_measured_is_imported()
    {
        using var folder = new TemporaryFolder();
        var record = Measured();
        record.Save(folder["device.json"]);
        var imported = PerformanceRecord.Import(folder["device.json"], "linux-arm64");
        Assert.Equal((MeasurementState.Imported, "imported from device.json"), (imported.State, imported.Reason));
        Assert.Equal((record.PeakResidentBytes, record.Load, record.Latency!.Ratio), (imported.PeakResidentBytes, imported.Load, imported.Latency!.Ratio));
        Assert.Equal(record.Latency.ParentSeconds, imported.Latency.ParentSeconds);
        Assert.Equal(record.Limits, imported.Limits);
        Assert.Contains("\"state\": \"measured\"", File.ReadAllText(folder["device.json"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"peakResidentBytes\": 1000", "\"peakResidentBytes\": 10", "it was changed after it was written")]
    [InlineData("\"seal\"", "\"sealed\"", "it was changed after it was written")]
    public void A_file_that_was_changed_is_PB5042(string from, string to, string reason)
    {
        using var folder = new TemporaryFolder();
        Measured().Save(folder["device.json"]);
        var text = File.ReadAllText(folder["device.json"]);
        Assert.Contains(from, text, StringComparison.Ordinal);
        folder.Write("device.json", text.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal($"The measurement 'device.json' cannot be used: {reason}.", HarnessFiles.Fails("PB5042", () => PerformanceRecord.Import(folder["device.json"], "linux-arm64")).Message);
    }

    [Fact]
    public void Figures_of_another_target_or_of_none_are_PB5042()
    {
        using var folder = new TemporaryFolder();
        Measured().Save(folder["device.json"]);
        HarnessFiles.Fails("PB5042", () => PerformanceRecord.Import(folder["device.json"], "win-arm64"));
        new PerformanceRecord("linux-arm64", "normal", MeasurementState.NotMeasured, "no device").Save(folder["none.json"]);
        HarnessFiles.Fails("PB5042", () => PerformanceRecord.Import(folder["none.json"], "linux-arm64"));
    }

    [Fact]
    public void One_process_measures_at_a_time()
    {
        using var folder = new TemporaryFolder();
        using (MeasurementLock.Enter(TimeSpan.Zero, folder["lock"]))
            HarnessFiles.Fails("PB5041", () => MeasurementLock.Enter(TimeSpan.Zero, folder["lock"]));
        MeasurementLock.Enter(TimeSpan.Zero, folder["lock"]).Dispose();
    }

    [Fact]
    public void Load_time_is_the_median_of_opened_sessions()
    {
        var clock = new SyntheticClock();
        var opened = 0;
        var time = LoadTime.Measure(() => { clock.Advance(opened++ == 0 ? 9 : 2); return new MemoryStream(); }, _ => clock.Advance(0.5), repeats: 3, clock);
        Assert.Equal(new LoadTime(2, 0.5, 3), time);
    }

    private static PerformanceRecord Measured()
    {
        var clock = new SyntheticClock();
        return new PerformanceRecord("linux-arm64", "normal", MeasurementState.Measured)
        {
            Latency = LatencyComparison.Measure(() => clock.Advance(0.01), () => clock.Advance(0.005), new LatencyOptions { Blocks = 3 }, clock),
            Load = new LoadTime(0.1, 0.02, 5),
            PeakResidentBytes = 1000,
            Limits = [new EmulatedLimit("threads", true, "session options")],
        };
    }
}
