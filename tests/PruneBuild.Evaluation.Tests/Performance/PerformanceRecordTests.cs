using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Tests.Performance;

public class PerformanceRecordTests
{
    private const string Rid = "linux-arm64";

    private static readonly ResourceProfile Normal = new("normal") { Threads = 2 };
    private static readonly DateOnly Today = new(2026, 11, 29);

    [Fact]
    public void What_a_device_measured_is_imported()
    {
        using var folder = new TemporaryFolder();
        var record = Measured();
        new PerformanceFile([record]).Save(folder["device.json"]);
        var imported = Import(folder).Find(Normal)!.Value.Record!;
        Assert.Equal((MeasurementState.Imported, "imported from device.json", "2026-12-09"), (imported.State, imported.Reason, imported.ValidUntil));
        Assert.Equal(record.Parent.Seconds, imported.Parent.Seconds);
        Assert.Equal(record.Candidate.LoadSeconds, imported.Candidate.LoadSeconds);
        Assert.Equal((record.Candidate.PeakResidentBytes, record.Limits[0]), (imported.Candidate.PeakResidentBytes, Assert.Single(imported.Limits)));
        Assert.Contains("\"state\": \"measured\"", File.ReadAllText(folder["device.json"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"peakResidentBytes\": 1000", "\"peakResidentBytes\": 10")]
    [InlineData("\"seal\"", "\"sealed\"")]
    public void A_file_that_was_changed_is_PB5042(string from, string to)
    {
        using var folder = new TemporaryFolder();
        new PerformanceFile([Measured()]).Save(folder["device.json"]);
        var text = File.ReadAllText(folder["device.json"]);
        Assert.Contains(from, text, StringComparison.Ordinal);
        folder.Write("device.json", text.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(
            "The measurement 'device.json' cannot be used: it was changed after it was written.",
            HarnessFiles.Fails("PB5042", () => PerformanceFile.Load(folder["device.json"])).Message);
    }

    [Fact]
    public void A_file_without_a_measurement_is_PB5042()
    {
        using var folder = new TemporaryFolder();
        new PerformanceFile([PerformanceRecord.NotMeasured(Normal, Rid, "no device")]).Save(folder["none.json"]);
        HarnessFiles.Fails("PB5042", () => PerformanceFile.Load(folder["none.json"]));
    }

    [Theory]
    [InlineData("artifact", "it is of another artifact")]
    [InlineData("inputs", "other inputs were timed")]
    [InlineData("limits", "the profile has other limits there: threads=1 cpuQuota= memoryBytes= cores=")]
    [InlineData("age", "it is 21 days old, at most 20 are allowed")]
    [InlineData("date", "its date 'yesterday' is none")]
    public void A_record_of_something_else_does_not_count_and_says_why(string difference, string reason)
    {
        using var folder = new TemporaryFolder();
        var record = Measured();
        new PerformanceFile([difference switch
        {
            "artifact" => record with { Artifact = "b" },
            "inputs" => record with { Inputs = "j" },
            "limits" => record with { ProfileLimits = new ResourceProfile("normal") { Threads = 1 }.Limits },
            "age" => record with { Date = "2026-11-08" },
            _ => record with { Date = "yesterday" },
        }]).Save(folder["device.json"]);
        Assert.Equal((null, $"'device.json' does not count: {reason}"), Import(folder).Find(Normal)!.Value);
    }

    [Fact]
    public void The_newest_record_counts_and_one_of_another_target_or_profile_is_not_looked_at()
    {
        using var folder = new TemporaryFolder();
        new PerformanceFile([Measured() with { Rid = "win-arm64", Date = "2026-11-28" }, Measured() with { Date = "2026-11-12", Machine = "old" }, Measured() with { Machine = "new" }]).Save(folder["device.json"]);
        Assert.Equal("new", Import(folder).Find(Normal)!.Value.Record!.Machine);
        Assert.Null(Import(folder).Find(new ResourceProfile("other")));
    }

    [Fact]
    public void One_process_measures_at_a_time()
    {
        using var folder = new TemporaryFolder();
        using (MeasurementLock.Enter(TimeSpan.Zero, folder["lock"]))
            HarnessFiles.Fails("PB5041", () => MeasurementLock.Enter(TimeSpan.Zero, folder["lock"]));
        MeasurementLock.Enter(TimeSpan.Zero, folder["lock"]).Dispose();
    }

    private static ImportedRecords Import(TemporaryFolder folder) =>
        new([("device.json", PerformanceFile.Load(folder["device.json"]))], Rid, "a", new Lazy<string>("i"), Today, maxAgeDays: 20);

    private static PerformanceRecord Measured() => new(Rid, "normal", MeasurementState.Measured)
    {
        ProfileLimits = Normal.Limits,
        Machine = "board",
        Artifact = "a",
        Inputs = "i",
        Date = "2026-11-19",
        Blocks = [0, 1],
        Parent = new ModelFigures { Seconds = [0.01, 0.01, 0.012, 0.011], LoadSeconds = [0.2], FirstSeconds = [0.02], PeakResidentBytes = 2000 },
        Candidate = new ModelFigures { Seconds = [0.005, 0.005, 0.006, 0.007], LoadSeconds = [0.1], FirstSeconds = [0.01], PeakResidentBytes = 1000 },
        Limits = [new EmulatedLimit("threads", true, "session options")],
    };
}
