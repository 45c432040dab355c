using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Calibration;

/// <summary>Calibration of real graphs in segments, where they are present.</summary>
public sealed class SegmentedRealModelTests
{
    private static string Shared(params string[] path) => Path.Combine([PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", .. path]);

    private static CalibrationBatch[] Images(OnnxModel model) =>
        [.. Enumerable.Range(0, 2).Select(seed => TestModels.Batch(model.Graph.Input[0].Name, TestModels.Random(seed, 2 * 3 * 32 * 32, 2), 2, 3, 32, 32))];

    private static CalibrationBatch[] Tokens(OnnxModel model)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 3).Select(_ => new CalibrationBatch(new Dictionary<string, CalibrationTensor>
        {
            [model.Graph.Input[0].Name] = new(Enumerable.Range(0, 2 * 24).Select(_ => (long)random.Next(3, 512)).ToArray(), [2, 24]),
        }))];
    }

    private static (OnnxModel Model, CalibrationBatch[] Batches) Open(string folder, string file)
    {
        Assert.SkipUnless(File.Exists(Shared(folder, file)), "the model is not on this machine");
        var model = OnnxModel.Load(Shared(folder, file));
        return (model, folder == "stories260K" ? Tokens(model) : Images(model));
    }

    [Theory]
    [InlineData("cifar-resnet", "resnet20.onnx")]
    [InlineData("stories260K", "model.onnx")]
    public void Statistics_follow_the_edits(string folder, string file)
    {
        var (model, batches) = Open(folder, file);
        using var owner = model;
        var dense = TestModels.Calibrate(model, batches);
        var denseSites = WeightSites.Find(model);
        var found = new Dictionary<string, (SiteStatistics Edited, PairedSiteStatistics Pairs)>();
        SequentialCalibration.Run(model, file, denseSites, batches, new SequentialOptions { Paired = true, Threads = 2 }, step =>
        {
            foreach (var site in step.Sites)
            {
                found[site.OutputName] = (step.Statistics.For(site), step.Pairs!.For(site));
                site.WriteMatrix(model, Array.ConvertAll(site.ReadMatrix(model), value => Math.Abs(value) < 0.02f ? 0 : value));
            }
        }, TestContext.Current.CancellationToken);

        var fresh = TestModels.Calibrate(model, batches);
        Assert.Equal(denseSites.Count, found.Count);
        foreach (var site in denseSites)
        {
            var (edited, pairs) = found[site.OutputName];
            Assert.Equal(fresh.For(site).Reason, edited.Reason);
            for (var group = 0; group < edited.Fit.Count; group++)
            {
                AssertClose(fresh.For(site).Fit[group].UpperGram, edited.Fit[group].UpperGram);
                AssertClose(fresh.For(site).HoldOut[group].UpperGram, edited.HoldOut[group].UpperGram);
                AssertClose(dense.For(site).Fit[group].UpperGram, pairs.Fit[group].Dense.UpperGram);
            }
        }
        Assert.Contains(found.Values, one => one.Pairs.Fit[0].Edited.Gram(0, 0) != one.Pairs.Fit[0].Dense.Gram(0, 0));
    }

    [Theory]
    [InlineData("cifar-resnet", "resnet20.onnx", 8_000_000)]
    [InlineData("stories260K", "model.onnx", 1_500_000)]
    public void Segments_change_no_bit(string folder, string file, long budget)
    {
        var (model, batches) = Open(folder, file);
        using var owner = model;
        var whole = TestModels.Calibrate(model, batches);
        var scratch = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(scratch, "statistics.bin");
            var options = new CalibrationOptions { MemoryBudget = budget, ScratchFolder = scratch, Threads = 2 };
            var run = Calibrator.CollectToFile(path, model, file, WeightSites.Find(model), batches, options, TestContext.Current.CancellationToken);
            Assert.InRange(run.Segments, 2, WeightSites.Find(model).Count);
            Assert.Null(run.Reason);
            var segmented = CalibrationStatistics.Open(path);
            foreach (var site in WeightSites.Find(model))
                CalibrationModels.AssertEqual(whole.For(site), segmented.For(site));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        var largest = 0.0;
        foreach (var value in expected)
            largest = Math.Max(largest, Math.Abs(value));
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], actual[index], 1e-5 * largest);
    }
}
