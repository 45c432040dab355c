using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Training;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Training;

/// <summary>Training a small network with half of its weights gone towards the dense one.</summary>
public sealed class TrainingTests
{
    private static readonly TrainingOptions Options = new() { Steps = 60, BatchSize = 16, LearningRate = 0.02, EvaluateEvery = 10 };

    private static readonly Dictionary<string, ITrainingRecovery> Recoveries = new ITrainingRecovery[]
    {
        new FullTuning(), new BiasAndNormTuning(), new LoraTuning(Rank: 2, Alpha: 4), new BlockwiseDistillation(["r1", "f"]), new FeatureDistillation(["r1", "f"]),
    }.ToDictionary(recovery => recovery.Name);

    public static TheoryData<string> Names() => [.. Recoveries.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Training_lowers_the_loss_and_keeps_masked_weights_at_zero(string name)
    {
        using var teacher = Network();
        using var student = Pruned();
        var report = Recoveries[name].Recover(student, teacher, Data(), name is "blockwise" or "feature" ? Options with { LearningRate = 0.2 } : Options);
        Assert.Equal("steps", report.StopReason);
        Assert.True(report.LossAfter < 0.8 * report.LossBefore, $"{report}");
        AssertMask(student);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_gives_the_same_bits_for_every_number_of_threads(string name)
    {
        var runs = new[] { 1, 1, 2, 4 }.Select(threads =>
        {
            using var teacher = Network();
            using var student = Pruned();
            var augmented = Options with { Steps = 12, HoldOut = 0, MicroBatches = 4, Threads = threads, Augmentation = new ImageAugmentation(Shift: 1) };
            Recoveries[name].Recover(student, teacher, Data(), augmented);
            return Weights(student);
        }).ToList();
        Assert.All(runs.Skip(1), run => Assert.Equal(runs[0], run));
        using var untrained = Pruned();
        Assert.NotEqual(Weights(untrained), runs[0]);
    }

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(2000)]
    public void What_the_teacher_computed_is_remembered_as_far_as_memory_goes_and_changes_nothing(long memory)
    {
        var runs = new (long Memory, int Threads)[] { (0, 1), (memory, 1), (memory, 3) }.Select(run =>
        {
            using var teacher = Network();
            using var student = Pruned();
            new FullTuning().Recover(student, teacher, Data(), Options with { Steps = 40, MicroBatches = 3, TeacherMemory = run.Memory, Threads = run.Threads });
            return Weights(student);
        }).ToList();
        Assert.Equal(runs[1], runs[2]);
        Assert.All(runs[0].Keys, name => Assert.Equal(runs[0][name], runs[1][name], (left, right) => Math.Abs(left - right) <= 1e-5 * (1 + Math.Abs(left))));
    }

    [Fact]
    public void Features_of_other_widths_have_no_distance()
    {
        using var teacher = Network();
        using var student = Network();
        foreach (var (name, shape) in new[] { ("w1", new long[] { 3, 2, 3, 3 }), ("b1", [3]), ("gamma", [3]), ("beta", [3]), ("mean", [3]), ("variance", [3]), ("w2", [6, 3, 3, 3]) })
            student.SetWeight(name, shape, [.. student.Weights[name].ReadSingles().Take((int)shape.Aggregate(1L, (product, size) => product * size))]);
        var error = Assert.Throws<PruneBuildException>(() => new FeatureDistillation(["r1"]).Recover(student, teacher, Data(), Options));
        Assert.Equal("PB3010", error.Code);
        Assert.Contains("3 x 6 x 6", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        var runs = new[] { 1, 2 }.Select(seed =>
        {
            using var teacher = Network();
            using var student = Pruned();
            new FullTuning().Recover(student, teacher, Data(), Options with { Steps = 5, HoldOut = 0, Seed = seed });
            return Weights(student);
        }).ToList();
        Assert.NotEqual(runs[0], runs[1]);
    }

    [Fact]
    public void Adam_with_warm_up_decay_and_clipping_lowers_the_loss_too()
    {
        using var teacher = Network();
        using var student = Pruned();
        var options = Options with { Optimizer = OptimizerKind.AdamW, LearningRate = 0.01, WarmupSteps = 5, WeightDecay = 1e-3, ClipNorm = 1 };
        var report = new FullTuning().Recover(student, teacher, Data(), options);
        Assert.True(report.LossAfter < 0.8 * report.LossBefore, $"{report}");
        AssertMask(student);
    }

    [Fact]
    public void Biases_and_norms_leave_the_matrices_alone()
    {
        using var teacher = Network();
        using var student = Pruned();
        var before = Weights(student);
        new BiasAndNormTuning().Recover(student, teacher, Data(), Options with { Steps = 3, HoldOut = 0, TrainBatchNorm = false });
        var changed = student.Weights.Keys.Where(name => !student.Weights[name].ReadSingles().SequenceEqual(before[name])).Order();
        Assert.Equal(["b1", "beta", "bias", "gamma"], changed);
    }

    [Fact]
    public void Blocks_behind_the_last_one_stay_as_they_are()
    {
        using var teacher = Network();
        using var student = Pruned();
        new BlockwiseDistillation(["r1"]).Recover(student, teacher, Data(), Options with { Steps = 3, HoldOut = 0 });
        using var untouched = Pruned();
        Assert.Equal(untouched.Weights["g"].ReadSingles(), student.Weights["g"].ReadSingles());
        Assert.NotEqual(untouched.Weights["w1"].ReadSingles(), student.Weights["w1"].ReadSingles());
    }

    [Fact]
    public void A_diverging_training_ends_with_finite_weights_and_says_so()
    {
        using var teacher = Network();
        using var student = Pruned();
        var report = new FullTuning().Recover(student, teacher, Data(), Options with { LearningRate = 1e30, HoldOut = 0 });
        Assert.Equal("non-finite loss", report.StopReason);
        Assert.All(Weights(student).Values, values => Assert.All(values, value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void A_training_that_only_harms_keeps_the_weights_it_began_with()
    {
        using var teacher = Network();
        using var student = Network();
        var before = Weights(student);
        var report = new FullTuning().Recover(student, teacher, Data(), Options with { LearningRate = 0.5, EvaluateEvery = 1, Patience = 3 });
        Assert.Equal("hold-out", report.StopReason);
        Assert.Equal(3, report.Steps);
        Assert.Equal(before, Weights(student));
    }

    [Fact]
    public void A_budget_in_time_ends_the_training()
    {
        using var teacher = Network();
        using var student = Pruned();
        var report = new FullTuning().Recover(student, teacher, Data(), Options with { Steps = int.MaxValue, Time = TimeSpan.FromSeconds(0.3) });
        Assert.Equal("time", report.StopReason);
        Assert.InRange(report.Steps, 1, 100_000);
        Assert.True(report.LossAfter < report.LossBefore);
    }

    [Fact]
    public void A_merged_adapter_computes_what_was_measured_on_the_hold_out()
    {
        // The report's loss is that of the adapters in place; a second training that never moves measures the merged model.
        using var teacher = Network();
        using var student = Pruned();
        var options = Options with { TrainBatchNorm = false };
        var trained = new LoraTuning(Rank: 2, Alpha: 4).Recover(student, teacher, Data(), options);
        var merged = new FullTuning().Recover(student, teacher, Data(), options with { Steps = 1, LearningRate = 0 });
        Assert.Equal(trained.LossAfter, merged.LossBefore, 1e-6);
        Assert.True(trained.LossAfter < trained.LossBefore);
    }

    [Fact]
    public void Tokens_outside_the_mask_do_not_count()
    {
        static OnnxModel Language(int seed) => TestModels.Model(
            [TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 3, 4])], ["y"], [("w", [4, 5], TestModels.Random(seed, 20))]);
        var values = TestModels.Random(5, 8 * 3 * 4);
        var masked = Enumerable.Range(0, 8 * 3).Select(token => token % 3 != 1).ToArray();
        var runs = new[] { 0f, 7f }.Select(noise =>
        {
            var changed = values.Select((value, index) => masked[index / 4] ? value : value + noise).ToArray();
            using var teacher = Language(1);
            using var student = Language(2);
            var data = TrainingData.FromBatches([TestModels.Batch("x", changed, 8, 3, 4)]) with { TokenMask = masked };
            var report = new FullTuning(Temperature: 1).Recover(student, teacher, data, Options with { Steps = 20, HoldOut = 0, BatchSize = 8 });
            Assert.True(report.LossAfter < report.LossBefore);
            return Weights(student)["w"];
        }).ToList();
        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        // Plain descent with one step of a tiny rate shows the gradient: (w - w') / rate.
        using var teacher = Network();
        using var start = Pruned();
        var data = Data();
        var options = Options with { Steps = 1, MicroBatches = 1, BatchSize = data.Cases, HoldOut = 0, Momentum = 0, LearningRate = 1, TrainBatchNorm = false };
        using var stepped = Pruned();
        new FullTuning(Temperature: 2).Recover(stepped, teacher, data, options);
        foreach (var (name, index) in new[] { ("w1", 3), ("w2", 9), ("gamma", 1), ("b1", 2), ("g", 4), ("bias", 0) })
        {
            const float step = 1e-2f;
            double Loss(float change)
            {
                using var moved = Pruned();
                var values = moved.Weights[name].ReadSingles();
                values[index] += change;
                moved.SetWeight(name, moved.Weights[name].Shape.ToArray(), values);
                return new FullTuning(Temperature: 2).Recover(moved, teacher, data, options with { LearningRate = 0 }).LossBefore;
            }
            var numeric = (Loss(step) - Loss(-step)) / (2 * step);
            var gradient = start.Weights[name].ReadSingles()[index] - stepped.Weights[name].ReadSingles()[index];
            Assert.Equal(numeric, gradient, Math.Max(2e-4, 0.03 * Math.Abs(numeric)));
        }
    }

    [Fact]
    public void A_shift_moves_zeros_in_and_a_flip_mirrors()
    {
        var images = new CalibrationTensor(new float[] { 1, 2, 3, 4, 5, 6 }, [1, 1, 2, 3]);
        Assert.Equal([3, 2, 1, 6, 5, 4], (float[])Augmenter.Apply(images, [new ImageChange(true, 0, 0)]).Data);
        Assert.Equal([0, 0, 0, 0, 1, 2], (float[])Augmenter.Apply(images, [new ImageChange(false, 1, 1)]).Data);
        Assert.Equal([2, 1, 0, 5, 4, 0], (float[])Augmenter.Apply(images, [new ImageChange(true, 0, -1)]).Data);
    }

    [Fact]
    public void Batches_that_differ_in_shape_are_an_error()
    {
        var error = Assert.Throws<PruneBuildException>(() =>
            TrainingData.FromBatches([TestModels.Batch("x", new float[4], 2, 2), TestModels.Batch("x", new float[3], 1, 3)]));
        Assert.Equal("PB3004", error.Diagnostic.Code);
        Assert.Equal("PB3003", Assert.Throws<PruneBuildException>(() => TrainingData.FromBatches([])).Diagnostic.Code);
    }

    private static TrainingData Data() =>
        TrainingData.FromBatches([TestModels.Batch("x", TestModels.Random(9, 64 * 2 * 36), 64, 2, 6, 6)]);

    private static OnnxModel Network() => TestModels.Model(
        [
            TestModels.Node("Conv", ["x", "w1", "b1"], "c1", ("pads", new long[] { 1, 1, 1, 1 })),
            TestModels.Node("BatchNormalization", ["c1", "gamma", "beta", "mean", "variance"], "n1"),
            TestModels.Node("Relu", ["n1"], "r1"),
            TestModels.Node("Conv", ["r1", "w2"], "c2"),
            TestModels.Node("Relu", ["c2"], "r2"),
            TestModels.Node("GlobalAveragePool", ["r2"], "p"),
            TestModels.Node("Flatten", ["p"], "f"),
            TestModels.Node("Gemm", ["f", "g", "bias"], "y"),
        ],
        [("x", [-1, 2, 6, 6])], ["y"],
        [
            ("w1", [4, 2, 3, 3], TestModels.Random(1, 72)), ("b1", [4], TestModels.Random(2, 4)),
            ("gamma", [4], [1.2f, 0.8f, 1, 1.5f]), ("beta", [4], [0, 0.3f, -0.2f, 0.1f]), ("mean", [4], [0, 0.1f, 0, 0.2f]), ("variance", [4], [1.5f, 1, 2, 1]),
            ("w2", [6, 4, 3, 3], TestModels.Random(3, 216)), ("g", [6, 5], TestModels.Random(4, 30, 3)), ("bias", [5], TestModels.Random(5, 5)),
        ]);

    private static bool IsPruned(int index) => index * 7 % 13 < 6;

    private static OnnxModel Pruned()
    {
        var model = Network();
        foreach (var name in new[] { "w1", "w2" })
            model.SetWeight(name, model.Weights[name].Shape.ToArray(), [.. model.Weights[name].ReadSingles().Select((value, index) => IsPruned(index) ? 0 : value)]);
        return model;
    }

    private static void AssertMask(OnnxModel student)
    {
        foreach (var name in new[] { "w1", "w2" })
            Assert.All(student.Weights[name].ReadSingles().Select((value, index) => (value, index)), pair => Assert.Equal(IsPruned(pair.index), pair.value == 0));
    }

    private static Dictionary<string, float[]> Weights(OnnxModel model) => model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.ReadSingles());
}
