using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Training;

/// <summary>Gradients of the likelihood of a small classifier and of a small language model.</summary>
public sealed class GradientCollectorTests
{
    private const int Vocabulary = 7;

    public static TheoryData<string, string, int> Places => new()
    {
        { "classes", "w1", 1 }, { "classes", "w1", 40 }, { "classes", "g", 4 }, { "classes", "g", 11 },
        { "tokens", "up", 2 }, { "tokens", "up", 17 }, { "tokens", "head", 9 },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Gradients_agree_with_finite_differences_of_the_loss(string kind, string weight, int place)
    {
        var batches = Batches(kind);
        using var dense = Model(kind);
        var own = Likely(dense, batches);
        double Loss(float change)
        {
            using var moved = Model(kind);
            var values = moved.Weights[weight].ReadSingles();
            values[place] += change;
            moved.SetWeight(weight, moved.Weights[weight].Shape.ToArray(), values);
            return kind == "tokens" ? NextTokenLoss(moved, batches) : ClassLoss(moved, batches, own);
        }
        const float step = 1e-2f;
        var numeric = (Loss(step) - Loss(-step)) / (2 * step);
        Assert.NotEqual(0, numeric, 1e-3);
        Assert.Equal(numeric, Collect(dense, batches).For(weight)!.Mean[place], Math.Max(2e-4, 0.02 * Math.Abs(numeric)));
    }

    [Theory]
    [InlineData("classes")]
    [InlineData("tokens")]
    public void Both_moments_are_means_over_the_samples_however_they_are_batched(string kind)
    {
        using var model = Model(kind);
        var batches = Batches(kind);
        var all = Collect(model, batches);
        var alone = Enumerable.Range(0, (int)all.Samples).Select(sample => Collect(model, [Sample(batches, sample)])).ToList();
        Assert.All(alone, one => Assert.Equal(1, one.Samples));
        foreach (var site in WeightSites.Find(model))
        {
            var (whole, parts) = (all.For(site.StoredName)!, alone.ConvertAll(one => one.For(site.StoredName)!));
            for (var index = 0; index < whole.Mean.Length; index++)
            {
                Assert.Equal(parts.Average(part => part.Mean[index]), whole.Mean[index], 1e-6);
                Assert.Equal(parts.Average(part => (double)part.Mean[index] * part.Mean[index]), whole.MeanSquare[index], 1e-6);
            }
        }
    }

    [Fact]
    public void Every_number_of_threads_gives_the_same_bits()
    {
        using var model = Model("classes");
        var runs = new[] { 1, 2, 3, 8 }.Select(threads =>
            GradientCollector.Collect(model, WeightSites.Find(model), Batches("classes"), threads, CancellationToken.None)).ToList();
        foreach (var run in runs.Skip(1))
        {
            foreach (var weight in new[] { "w1", "g" })
            {
                Assert.Equal(runs[0].For(weight)!.Mean, run.For(weight)!.Mean);
                Assert.Equal(runs[0].For(weight)!.MeanSquare, run.For(weight)!.MeanSquare);
            }
        }
    }

    [Fact]
    public void Only_the_weights_asked_for_are_kept()
    {
        using var model = Model("classes");
        var gradients = GradientCollector.Collect(
            model, WeightSites.Find(model).Where(site => site.StoredName == "g"), Batches("classes"), 1, CancellationToken.None);
        Assert.NotNull(gradients.For("g"));
        Assert.Null(gradients.For("w1"));
    }

    [Fact]
    public void Outputs_without_classes_and_missing_or_unfit_data_are_coded_errors()
    {
        using var regression = TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 3])], ["y"], [("w", [3, 1], [1, 2, 3])]);
        Assert.Equal("PB3007", Assert.Throws<PruneBuildException>(() => Collect(regression, [TestModels.Batch("x", new float[6], 2, 3)])).Code);
        using var model = Model("classes");
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => Collect(model, [])).Code);
        Assert.Equal("PB3004", Assert.Throws<PruneBuildException>(
            () => Collect(model, [TestModels.Batch("x", [.. Enumerable.Repeat(float.NaN, 72)], 1, 2, 6, 6)])).Code);
        using var language = Model("tokens");
        Assert.Equal("PB3004", Assert.Throws<PruneBuildException>(() => Collect(language, [Tokens([1, 2], 2)])).Code);
    }

    private static WeightGradients Collect(OnnxModel model, IEnumerable<CalibrationBatch> batches) =>
        GradientCollector.Collect(model, WeightSites.Find(model), batches, 2, CancellationToken.None);

    private static OnnxModel Model(string kind) => kind == "tokens"
        ? TestModels.Model(
            [
                TestModels.Node("Gather", ["table", "ids"], "e"), TestModels.Node("MatMul", ["e", "up"], "u"), TestModels.Node("Relu", ["u"], "r"),
                TestModels.Node("MatMul", ["r", "head"], "y"),
            ],
            [("ids", [-1, 5])], ["y"],
            [("table", [Vocabulary, 4], TestModels.Random(1, Vocabulary * 4)), ("up", [4, 6], TestModels.Random(2, 24, 2)), ("head", [6, Vocabulary], TestModels.Random(3, 42, 2))])
        : TestModels.Model(
            [
                TestModels.Node("Conv", ["x", "w1"], "c", ("pads", new long[] { 1, 1, 1, 1 })), TestModels.Node("Sigmoid", ["c"], "s"),
                TestModels.Node("GlobalAveragePool", ["s"], "p"), TestModels.Node("Flatten", ["p"], "f"), TestModels.Node("Gemm", ["f", "g"], "z"),
                TestModels.Node("Softmax", ["z"], "y"),
            ],
            [("x", [-1, 2, 6, 6])], ["y"], [("w1", [4, 2, 3, 3], TestModels.Random(1, 72)), ("g", [4, 5], TestModels.Random(2, 20, 3))]);

    private static CalibrationBatch[] Batches(string kind) => kind == "tokens"
        ? [Tokens([1, 5, 2, 2, 0, 6, 3, 1, 4, 4], 2), Tokens([3, 0, 6, 5, 1], 1)]
        : [TestModels.Batch("x", TestModels.Random(8, 4 * 72, 3), 4, 2, 6, 6), TestModels.Batch("x", TestModels.Random(9, 3 * 72, 3), 3, 2, 6, 6)];

    private static CalibrationBatch Tokens(long[] ids, int rows) =>
        new(new Dictionary<string, CalibrationTensor> { ["ids"] = new(ids, [rows, ids.Length / rows]) });

    private static CalibrationBatch Sample(IEnumerable<CalibrationBatch> batches, int sample)
    {
        foreach (var batch in batches)
        {
            var data = TrainingData.FromBatches([batch]);
            if (sample < data.Cases)
                return new CalibrationBatch(data.Inputs.Keys.ToDictionary(name => name, name => data.Rows(name, [sample])));
            sample -= data.Cases;
        }
        throw new ArgumentOutOfRangeException(nameof(sample));
    }

    private static IEnumerable<double[]> Logits(OnnxModel model, CalibrationBatch batch, string output, int width) =>
        ((float[])TorchInterpreter.Run(model, batch, [output])[output].Data).Chunk(width).Select(row => Array.ConvertAll(row, value => (double)value));

    private static int[] Likely(OnnxModel model, CalibrationBatch[] batches) =>
        [.. model.Weights.ContainsKey("head") ? [] : batches.SelectMany(batch => Logits(model, batch, "z", 5)).Select(row => Array.IndexOf(row, row.Max()))];

    private static double ClassLoss(OnnxModel model, CalibrationBatch[] batches, int[] classes) =>
        batches.SelectMany(batch => Logits(model, batch, "z", 5)).Zip(classes, Surprise).Average();

    private static double NextTokenLoss(OnnxModel model, CalibrationBatch[] batches) => batches.SelectMany(batch =>
    {
        var ids = (long[])batch.Inputs["ids"].Data;
        return Logits(model, batch, "y", Vocabulary).Select((row, place) => (row, place)).Where(pair => pair.place % 5 < 4)
            .Select(pair => Surprise(pair.row, (int)ids[pair.place + 1]));
    }).Average();

    private static double Surprise(double[] logits, int actual) => Math.Log(logits.Sum(Math.Exp)) - logits[actual];
}
