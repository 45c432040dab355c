using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Calibration;

public sealed class SegmentedCalibrationTests : IDisposable
{
    private readonly string scratch = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;

    public void Dispose() => Directory.Delete(scratch, recursive: true);

    public static TheoryData<string> Models => CalibrationModels.Names;

    private string Statistics => Path.Combine(scratch, "statistics.bin");

    private CalibrationRun Run(OnnxModel model, IEnumerable<CalibrationBatch> batches, long budget) => Calibrator.CollectToFile(
        Statistics, model, "model.onnx", WeightSites.Find(model), batches,
        new CalibrationOptions { MemoryBudget = budget, ScratchFolder = scratch }, TestContext.Current.CancellationToken);

    [Theory]
    [MemberData(nameof(Models))]
    public void No_budget_changes_a_bit(string name)
    {
        var (model, batches) = CalibrationModels.Make(name);
        using var owner = model;
        var whole = TestModels.Calibrate(model, batches);
        var segments = new List<int>();
        foreach (var budget in new[] { long.MaxValue, 6000, 1 })
        {
            segments.Add(Run(model, batches, budget).Segments);
            var segmented = CalibrationStatistics.Open(Statistics);
            foreach (var site in WeightSites.Find(model))
                CalibrationModels.AssertEqual(whole.For(site), segmented.For(site));
        }
        Assert.Equal(1, segments[0]);
        Assert.True(segments[^1] > 1);
    }

    [Fact]
    public void A_budget_that_cannot_be_kept_is_recorded_with_a_reason()
    {
        var (model, batches) = CalibrationModels.Make("residual");
        using var owner = model;
        Assert.Contains("cannot be cut", Run(model, batches, budget: 1).Reason, StringComparison.Ordinal);
        Assert.Null(Run(model, batches, budget: 1 << 20).Reason);
    }

    [Fact]
    public void Only_the_statistics_are_left_on_disk_and_nothing_after_a_failure()
    {
        var (model, batches) = CalibrationModels.Make("residual");
        using var owner = model;
        Run(model, batches, budget: 1);
        Assert.Equal([Statistics], Directory.EnumerateFileSystemEntries(scratch));
        model.Graph.Node[^2].OpType = "NoSuchOperator";
        Assert.Equal("PB2012", Assert.Throws<PruneBuild.Diagnostics.PruneBuildException>(() => Run(model, batches, budget: 1)).Code);
        Assert.Equal([Statistics], Directory.EnumerateFileSystemEntries(scratch));
    }

    [Fact]
    public void A_file_is_read_site_by_site_and_a_damaged_one_refused()
    {
        var (model, batches) = CalibrationModels.Make("residual");
        using var owner = model;
        Run(model, batches, long.MaxValue);
        var sites = WeightSites.Find(model);
        var opened = CalibrationStatistics.Open(Statistics);
        var held = opened.For(sites[0]);
        Assert.Same(held, opened.For(sites[1]));
        using var stream = File.OpenRead(Statistics);
        CalibrationModels.AssertEqual(CalibrationStatistics.Load(stream).For(sites[2]), opened.For(sites[2]));
        var bytes = File.ReadAllBytes(Statistics);
        for (var length = 0; length < bytes.Length; length += 11)
        {
            var cut = Path.Combine(scratch, "cut.bin");
            File.WriteAllBytes(cut, bytes[..length]);
            Assert.Throws<InvalidDataException>(() => CalibrationStatistics.Open(cut));
        }
    }
}
