using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Tests.Probing;

/// <summary>Two models in turn, with times that are given.</summary>
public class ProfileMeasurementTests
{
    private static readonly ResourceProfile Small = new("small") { MemoryBytes = 2_000_000 };
    private static readonly LatencyOptions Options = new() { WarmUp = 1, WarmUpSeconds = 0, Loads = 2, Seconds = 1e9 };

    [Fact]
    public void Both_are_loaded_in_turn_and_run_in_blocks_on_the_same_cases()
    {
        var order = "";
        var record = Measure(new FakeProbe(2, what => order += $"A{what} "), new FakeProbe(1, what => order += $"B{what} "));
        Assert.Equal("Aload A0 Bload B0 Bload B0 Aload A0 " + "A0 B0 " + "A0 B0 B0 A0 " + "A1 B1 B1 A1 ", order);
        Assert.Equal([4, 9], record.Blocks);
        Assert.Equal([2, 2, 2, 2], record.Parent.Seconds);
        Assert.Equal([10, 10], record.Candidate.LoadSeconds);
        Assert.Equal([1, 1], record.Candidate.FirstSeconds);
        Assert.Equal(1000, record.Candidate.PeakResidentBytes);
        Assert.Equal(0.5, record.Compare(new LatencyOptions())!.Ratio);
    }

    [Fact]
    public void A_parent_that_is_too_large_for_the_profile_does_not_keep_the_candidate_from_being_measured()
    {
        using var parent = new FakeProbe(2) { FailsAt = 3 };
        var record = Measure(parent, new FakeProbe(1));
        Assert.Equal("'model.onnx' used up the 100 bytes that profile 'small' gives it", record.Parent.Failure);
        Assert.Empty(record.Parent.Seconds);
        Assert.Equal([1, 1, 1, 1], record.Candidate.Seconds);
        Assert.Null(record.Compare(new LatencyOptions()));
    }

    [Theory]
    [InlineData(false, 3_000_000, "it takes 3000000 bytes, and the profile gives it 2000000")]
    [InlineData(true, 3_000_000, null)]
    [InlineData(false, 1_000_000, null)]
    public void Memory_that_nothing_limits_is_compared_with_the_limit(bool emulated, long peak, string? failure)
    {
        var candidate = new FakeProbe(1) { Peak = peak, Limits = [new EmulatedLimit("memoryBytes", emulated, "x")] };
        var record = Measure(new FakeProbe(1), candidate);
        Assert.Equal((failure, (long?)peak), (record.Candidate.Failure, record.Candidate.PeakResidentBytes));
        Assert.Equal(emulated ? [] : ["memoryBytes: not emulated (x)"], record.NotEmulated.Select(limit => limit.ToString()));
    }

    [Fact]
    public void Timed_cases_are_of_every_slice_in_turn_and_spread_over_it()
    {
        using var folder = new TemporaryFolder();
        var (_, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", new int[10]), ("edge", new int[2]));
        Assert.Equal([0, 10, 3, 11, 6, 10], TimedCases.Choose(cases, 6).Blocks);
    }

    [Fact]
    public void Inputs_of_other_cases_have_another_hash()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", new int[10]));
        var (rows, hash) = new TimedCases([0, 5, 5]).Write(harness, cases, folder["rows"]);
        Assert.Equal([0, 1, 2, 3], rows);
        using (var file = RowFile.Open(folder["rows"])) Assert.Equal([5f], file.Read(1));
        Assert.Equal(hash, new TimedCases([0, 5, 5]).Write(harness, cases, folder["rows"]).Hash);
        Assert.NotEqual(hash, new TimedCases([0, 5, 6]).Write(harness, cases, folder["rows"]).Hash);
    }

    private static PerformanceRecord Measure(IModelProbe parent, IModelProbe candidate) =>
        ProfileMeasurement.Measure(Small, parent, candidate, new TimedCases([4, 9]), Options, TestContext.Current.CancellationToken);
}
