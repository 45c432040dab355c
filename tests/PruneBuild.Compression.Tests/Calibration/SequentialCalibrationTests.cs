using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Pruning;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

using static PruneBuild.Compression.Tests.Calibration.CalibrationModels;

namespace PruneBuild.Compression.Tests.Calibration;

public sealed class SequentialCalibrationTests : IDisposable
{
    private readonly string scratch = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;

    public void Dispose() => Directory.Delete(scratch, recursive: true);

    public static TheoryData<string> Models => CalibrationModels.Names;

    private List<(WeightSite Site, SiteStatistics Statistics, PairedSiteStatistics? Pairs)> Run(
        OnnxModel model, IEnumerable<CalibrationBatch> batches, Action<WeightSite>? edit = null, bool paired = false, int threads = 1)
    {
        var results = new List<(WeightSite, SiteStatistics, PairedSiteStatistics?)>();
        var options = new SequentialOptions { Paired = paired, Threads = threads, ScratchFolder = scratch };
        SequentialCalibration.Run(model, "model.onnx", WeightSites.Find(model), batches, options, step =>
        {
            results.AddRange(step.Sites.Select(site => (site, step.Statistics.For(site), step.Pairs?.For(site))));
            foreach (var site in step.Sites)
                edit?.Invoke(site);
        }, TestContext.Current.CancellationToken);
        return results;
    }

    private static void Halve(OnnxModel model, WeightSite site)
    {
        var matrix = site.ReadMatrix(model);
        for (var index = 0; index < matrix.Length; index += 2)
            matrix[index] = 0;
        site.WriteMatrix(model, matrix);
        LayerBias.Add(model, site, [.. Enumerable.Range(1, site.Outputs).Select(output => 0.1 * output)]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Without_edits_the_statistics_are_those_of_the_dense_model(string name)
    {
        var (model, batches) = Make(name);
        using var owner = model;
        var dense = TestModels.Calibrate(model, batches);
        var results = Run(model, batches, paired: true);
        Assert.Equal(WeightSites.Find(model).Count, results.Count);
        foreach (var (site, statistics, pairs) in results)
        {
            AssertEqual(dense.For(site), statistics);
            foreach (var pair in pairs!.Fit.Concat(pairs.HoldOut))
            {
                AssertEqual(pair.Dense, pair.Edited);
                for (var row = 0; row < pair.Inputs; row++)
                    for (var column = 0; column < pair.Inputs; column++)
                        Assert.Equal(pair.Dense.Gram(row, column), pair.Cross[(row * pair.Inputs) + column], 1e-12);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void With_edits_the_statistics_are_those_of_the_edited_model(string name)
    {
        var (model, batches) = Make(name);
        using var owner = model;
        var names = WeightSites.Find(model).ToDictionary(site => site.Name, site => site.OutputName);
        var results = Run(model, batches, site => Halve(model, site));
        var fresh = TestModels.Calibrate(model, batches);
        var sites = WeightSites.Find(model).ToDictionary(site => site.Name);
        Assert.All(results, result => AssertEqual(fresh.For(sites[result.Site.Name]), result.Statistics));
        using var untouched = Make(name).Model;
        var last = results[^1];
        Assert.NotEqual(TestModels.Calibrate(untouched, batches).For(WeightSites.Find(untouched)[^1]).Fit[0].Sum[0], last.Statistics.Fit[0].Sum[0]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Paired_statistics_are_those_of_the_two_activations(string name)
    {
        var (model, batches) = Make(name);
        using var owner = model;
        var results = Run(model, batches, site => Halve(model, site), paired: true);
        using var untouched = Make(name).Model;
        var dense = TestModels.Calibrate(untouched, batches);
        var denseSites = WeightSites.Find(untouched).ToDictionary(site => site.Name);
        Assert.All(results, result =>
        {
            Assert.Equal(result.Statistics.Fit.Count, result.Pairs!.Fit.Count);
            var expected = dense.For(denseSites[result.Site.Name]);
            for (var group = 0; group < expected.Fit.Count; group++)
            {
                AssertEqual(expected.Fit[group], result.Pairs.Fit[group].Dense);
                AssertEqual(result.Statistics.Fit[group], result.Pairs.Fit[group].Edited);
                AssertEqual(expected.HoldOut[group], result.Pairs.HoldOut[group].Dense);
            }
        });
        if (name != "residual")
            return;
        // The last layer's input is a plain matrix of rows: the cross moments of even batches can be added up directly.
        var last = results[^1];
        var cross = new double[36];
        foreach (var batch in batches.Where((_, index) => index % 2 == 0))
        {
            var rows = batch.Inputs["x"].Shape;
            var data = (float[])batch.Inputs["x"].Data;
            var (ours, theirs) = (Activation(model, last.Site.InputName, data, rows), Activation(untouched, last.Site.InputName, data, rows));
            for (var row = 0; row < rows[0]; row++)
                for (var left = 0; left < 6; left++)
                    for (var right = 0; right < 6; right++)
                        cross[(left * 6) + right] += (double)ours[(row * 6) + left] * theirs[(row * 6) + right];
        }
        for (var index = 0; index < cross.Length; index++)
            Assert.Equal(cross[index], last.Pairs!.Fit[0].Cross[index], 1e-4);
    }

    private static float[] Activation(OnnxModel model, string name, float[] data, long[] shape)
    {
        using var copy = model.Snapshot();
        copy.Graph.Output.Add(new PruneBuild.Graph.Onnx.ValueInfoProto { Name = name });
        return TestModels.Run(copy, "x", data, shape, name);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_number_of_threads_changes_no_bit(string name)
    {
        var (first, batches) = Make(name);
        using var one = first;
        using var two = Make(name).Model;
        var alone = Run(one, batches, site => Halve(one, site), paired: true);
        var together = Run(two, batches, site => Halve(two, site), paired: true, threads: 4);
        foreach (var (left, right) in alone.Zip(together))
        {
            AssertEqual(left.Statistics, right.Statistics);
            Assert.Equal(left.Pairs!.Fit[0].Cross.ToArray(), right.Pairs!.Fit[0].Cross.ToArray());
        }
    }

    [Fact]
    public void Layers_that_read_one_tensor_come_together()
    {
        using var model = Residual();
        var steps = new List<SequentialStep>();
        SequentialCalibration.Run(model, "model.onnx", WeightSites.Find(model), Rows(), new SequentialOptions(), steps.Add, TestContext.Current.CancellationToken);
        Assert.Equal(["p_node,q_node", "g_node", "y_node"], steps.Select(step => string.Join(",", step.Sites.Select(site => site.Name))));
        Assert.All(steps, (step, index) => Assert.Equal((index, 3), (step.Index, step.Count)));
        Assert.Same(steps[0].Statistics.For(steps[0].Sites[0]), steps[0].Statistics.For(steps[0].Sites[1]));
    }

    [Fact]
    public void A_shared_weight_is_edited_at_its_last_use_and_what_came_before_is_computed_again()
    {
        static OnnxModel Shared() => TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "a"], "p"), TestModels.Node("Relu", ["p"], "q"), TestModels.Node("MatMul", ["q", "b"], "r"),
                TestModels.Node("Sigmoid", ["r"], "s"), TestModels.Node("MatMul", ["s", "a"], "t"), TestModels.Node("MatMul", ["t", "c"], "y"),
            ],
            [("x", [-1, 6])], ["y"],
            [("a", [6, 6], TestModels.Random(1, 36)), ("b", [6, 6], TestModels.Random(2, 36)), ("c", [6, 3], TestModels.Random(3, 18))]);
        using var model = Shared();
        var order = new List<string>();
        var results = Run(model, Rows(), site =>
        {
            order.Add(site.Name);
            if (site.Name != "p_node")
                site.WriteMatrix(model, Array.ConvertAll(site.ReadMatrix(model), value => value / 2));
        });
        Assert.Equal(["r_node", "p_node", "t_node", "y_node"], order);
        AssertEqual(TestModels.Calibrate(model, Rows()).For(WeightSites.Find(model)[^1]), results[^1].Statistics);
        // The weight was still dense when the layer between its two uses was calibrated.
        using var untouched = Shared();
        AssertEqual(TestModels.Calibrate(untouched, Rows()).For(WeightSites.Find(untouched)[1]), results[0].Statistics);
    }

    [Fact]
    public void The_scratch_folder_is_empty_afterwards_also_when_an_edit_fails()
    {
        using var model = Residual();
        var rows = new[] { TestModels.Batch("x", TestModels.Random(1, 6 * 4096), 4096, 6) };
        var seen = 0L;
        Assert.Throws<InvalidOperationException>(() => Run(model, rows, site =>
        {
            seen = new DirectoryInfo(scratch).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            if (site.Name == "g_node")
                throw new InvalidOperationException();
        }));
        Assert.True(seen > 6 * 4096, "activations were on disk");
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch));
        Run(model, rows);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch));
    }

    [Fact]
    public void A_missing_input_a_wrong_shape_and_a_rejected_model_are_coded_errors()
    {
        using var model = Residual();
        foreach (var batch in new[] { TestModels.Batch("other", new float[6], 1, 6), TestModels.Batch("x", new float[5], 1, 5), TestModels.Batch("x", new float[5], 1, 6) })
            Assert.Equal("PB3004", Assert.Throws<PruneBuildException>(() => Run(model, [batch])).Code);
        model.Graph.Node[2].OpType = "NoSuchOperator";
        Assert.Equal("PB2012", Assert.Throws<PruneBuildException>(() => Run(model, Rows())).Code);
    }

    [Fact]
    public void Without_data_every_step_comes_with_a_reason()
    {
        using var model = Residual();
        Assert.All(Run(model, [], paired: true), result =>
        {
            Assert.Contains("no calibration case", result.Statistics.Reason, StringComparison.Ordinal);
            Assert.Contains("no calibration case", result.Pairs!.Reason, StringComparison.Ordinal);
        });
    }
}
