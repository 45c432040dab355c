using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Criteria;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Tests;

namespace PruneBuild.Compression.Tests.LayerRatios;

public sealed class MeasuredLossRatiosTests(ITestOutputHelper output)
{
    private const int Width = 16;

    private static readonly PruneOptions Half = new() { Sparsity = 0.5, Ratios = LayerRatioMethods.Get("measured-loss") };

    [Fact]
    public void A_layer_that_the_model_hardly_hears_gives_all_it_may()
    {
        // Relative to their own outputs both branches suffer alike.
        using var model = Branches(quiet: 1e-3f);
        var curves = LossCurves.Measure(model, "model.onnx", Half, Batches());
        Assert.Equal(["loud", "soft"], curves.Select(curve => curve.Weight));
        Assert.True(curves[0].Errors[0] > 100 * curves[1].Errors[^1]);
        var reports = ModelPruner.Prune(model, Half with { LossCurves = curves });
        Assert.Equal(0.25, reports[0].Sparsity, 0.01);
        Assert.Equal(0.75, reports[1].Sparsity, 0.01);
    }

    [Fact]
    public void The_loss_of_classes_is_the_divergence_of_the_dense_from_the_pruned_distribution()
    {
        using var dense = Branches(quiet: 1);
        using var edited = Branches(quiet: 1);
        edited.SetWeight("soft", [Width, Width], TestModels.Random(9, Width * Width));
        var (own, other) = (Distributions(dense), Distributions(edited));
        var expected = own.Zip(other, (p, q) => p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum()).Average();
        Assert.Equal(expected, Divergence(dense, edited), 1e-5 * expected);
        Assert.Equal(0, Divergence(dense, dense), 1e-9);
    }

    [Fact]
    public void What_all_logits_share_costs_nothing_where_they_are_classes_and_counts_where_they_are_values()
    {
        static OnnxModel Shifted(float by, bool isMatrix) => TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "w"], "h"), TestModels.Node("Add", ["h", "b"], "z"),
                isMatrix ? TestModels.Node("Identity", ["z"], "y") : TestModels.Node("Unsqueeze", ["z"], "y", ("axes", new long[] { 2 })),
            ],
            [("x", [-1, Width])], ["y"],
            [("w", [Width, 4], TestModels.Random(1, Width * 4)), ("b", [4], [by, by, by, by])], opset: 11);
        using var classes = Shifted(0, isMatrix: true);
        using var shiftedClasses = Shifted(3, isMatrix: true);
        Assert.Equal(0, Divergence(classes, shiftedClasses), 1e-6);
        using var values = Shifted(0, isMatrix: false);
        using var shiftedValues = Shifted(3, isMatrix: false);
        var energy = Batches().SelectMany(batch => TestModels.Product((float[])batch.Inputs["x"].Data, Columns(values, "w"), Width)).Average(value => value * value);
        Assert.Equal(9 / energy, Divergence(values, shiftedValues), 1e-4);
    }

    [Fact]
    public void A_curve_that_dips_is_taken_as_flat()
    {
        double[] grid = [0.25, 0.5, 0.75];
        LayerCurve[] layers = [new("a", 100, grid, [0.1, 0.2, 0.4]), new("b", 100, grid, [0.3, 0.6, 0.1])];
        Assert.Equal([0.5, 0.5], LayerRatioMethods.Get("measured-loss").Allocate(layers, 0.5));
        Assert.Equal([0.25, 0.75], LayerRatioMethods.Get("output-error").Allocate(layers, 0.5));
    }

    [Fact]
    public void Only_weights_with_a_choice_are_measured()
    {
        using var model = Branches(quiet: 1);
        Assert.Empty(LossCurves.Measure(model, "model.onnx", Half with { Pattern = SparsityPattern.Parse("2:4") }, Batches()));
        var curve = Assert.Single(LossCurves.Measure(model, "model.onnx", Half with { Skip = ["soft"], Sparsity = 0.6 }, Batches()));
        Assert.Equal(("loud", 4, Width * Width), (curve.Weight, curve.Errors.Count, (int)curve.Elements));
        Assert.Equal(curve.Errors.Order(), curve.Errors);
    }

    [Fact]
    public void Measuring_changes_nothing_and_does_not_depend_on_threads()
    {
        using var model = Branches(quiet: 1);
        var before = model.Weights["loud"].ReadSingles();
        var options = Half with { Recovery = RecoveryMethod.LeastSquares };
        var runs = new[] { 1, 2, 4 }.Select(threads =>
            LossCurves.Measure(model, "model.onnx", options with { Threads = threads }, Batches(), TestModels.Calibrate(model, [.. Batches()])).SelectMany(curve => curve.Errors).ToArray()).ToList();
        Assert.All(runs.Skip(1), run => Assert.Equal(runs[0], run));
        Assert.Equal(before, model.Weights["loud"].ReadSingles());
        Assert.Equal(3, model.Graph.Node.Count);
    }

    [Fact]
    public void Missing_curves_data_and_statistics_are_coded_errors()
    {
        using var model = Branches(quiet: 1);
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => ModelPruner.Prune(model, Half)).Code);
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => LossCurves.Measure(model, "model.onnx", Half, [])).Code);
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => LossCurves.Measure(model, "model.onnx", Half with { Criterion = PruningCriteria.Get("wanda") }, Batches())).Code);
        using var whole = TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "h"), TestModels.Node("ArgMax", ["h"], "y", ("axis", 1L))], [("x", [-1, Width])], ["y"],
            [("w", [Width, 4], TestModels.Random(1, Width * 4))]);
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => LossCurves.Measure(whole, "model.onnx", Half, Batches())).Code);
    }

    [Fact]
    public void A_real_classifier_stays_nearer_to_its_parent_than_with_equal_shares()
    {
        var path = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", "cifar-resnet", "resnet20.onnx");
        var images = Path.Combine(OnnxRuntimeNative.SharedFolder, "data", "cifar10", "calibration.images.u8");
        Assert.SkipUnless(File.Exists(path) && File.Exists(images), "the CIFAR ResNet is not on this machine");
        using var dense = OnnxModel.Load(path);
        CalibrationBatch Images(int first, int count) => TestModels.Batch(
            dense.Graph.Input[0].Name, CifarImages.Normalized(File.ReadAllBytes(images), first, count), count, 3, 32, 32);
        var options = Half with { Pattern = SparsityPattern.Parse("8x1"), ProtectFirstLast = true, Threads = 2 };
        var curves = LossCurves.Measure(dense, path, options, [Images(0, 64)]);
        using var loss = new OutputDivergence(dense, path, [Images(500, 128)], 2, CancellationToken.None);
        double Loss(PruneOptions how)
        {
            using var model = OnnxModel.Load(path);
            ModelPruner.Prune(model, how);
            return loss.Of(model, CancellationToken.None);
        }
        var (measured, uniform) = (Loss(options with { LossCurves = curves }), Loss(options with { Ratios = new UniformRatios() }));
        output.WriteLine($"measured {measured:0.000}, uniform {uniform:0.000}");
        Assert.True(measured < uniform, $"{measured} {uniform}");
    }

    /// <summary>y = x loud + quiet x soft.</summary>
    private static OnnxModel Branches(float quiet) => TestModels.Model(
        [TestModels.Node("MatMul", ["x", "loud"], "p"), TestModels.Node("Gemm", ["x", "soft", "p"], "q", ("alpha", quiet)), TestModels.Node("Identity", ["q"], "y")],
        [("x", [-1, Width])], ["y"], [("loud", [Width, Width], TestModels.Random(1, Width * Width)), ("soft", [Width, Width], TestModels.Random(2, Width * Width))]);

    private static CalibrationBatch[] Batches() => [.. Enumerable.Range(3, 2).Select(seed => TestModels.Batch("x", TestModels.Correlated(seed, 20, Width), 20, Width))];

    private static double Divergence(OnnxModel dense, OnnxModel edited)
    {
        using var divergence = new OutputDivergence(dense, "model.onnx", Batches(), 1, CancellationToken.None);
        return divergence.Of(edited, CancellationToken.None);
    }

    private static List<double[]> Distributions(OnnxModel model) =>
        [.. Batches().SelectMany(batch => TestModels.Run(model, "x", (float[])batch.Inputs["x"].Data, [20, Width], "y").Chunk(Width).Select(logits =>
        {
            var total = logits.Sum(logit => Math.Exp(logit));
            return Array.ConvertAll(logits, logit => Math.Exp(logit) / total);
        }))];

    private static float[] Columns(OnnxModel model, string weight) =>
        WeightSites.Find(model).Single(site => site.StoredName == weight).ReadMatrix(model);
}
