using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Runs;

public class ClassificationRunTests
{
    private const string Spec = """{ "elementType": "uint8", "shape": [3], "layout": "none", "scale": 0.5 }""";

    // Largest numbers at 2, 0, 1 (a tie with 2), 1, 0.
    private static readonly byte[] Inputs = [1, 2, 9, 8, 3, 1, 4, 7, 7, 1, 5, 2, 6, 0, 2];

    [Theory]
    [InlineData(null, 64)]
    [InlineData(null, 2)]
    [InlineData(1, 64)]
    [InlineData(4, 64)]
    public void The_largest_output_is_the_answer_whatever_the_batch(int? modelBatch, int batchSize)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Create(folder, Inputs, batchSize);

        var predictions = ClassificationRun.Evaluate(Model(folder, "Identity", modelBatch), harness, cases, threads: 1);

        Assert.Equal([2, 0, 1, 1, 0], predictions.Classes);
        Assert.Equal([3.5f, 2.5f, 0, 1.5f, 2], predictions.Margins);
    }

    [Fact]
    public void An_output_that_is_not_finite_is_no_answer()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Create(folder, Inputs, 64);
        var predictions = ClassificationRun.Evaluate(Model(folder, "Log", null), harness, cases, threads: 1);
        Assert.Equal([2, 0, 1, 1, Predictions.NotFinite], predictions.Classes);
        Assert.Equal(1, predictions.Errors);
    }

    [Fact]
    public void Progress_reaches_the_total()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Create(folder, Inputs, 2);
        var progress = new Recorder();
        ClassificationRun.Evaluate(Model(folder, "Identity", null), harness, cases, threads: 1, progress);
        Assert.Equal([new(2, 5), new(4, 5), new(5, 5)], progress.Seen);
    }

    [Fact]
    public void A_run_can_be_canceled_between_batches()
    {
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        var (harness, cases) = Create(folder, Inputs, 2);
        var progress = new Recorder { OnReport = source.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(() =>
            ClassificationRun.Evaluate(Model(folder, "Identity", null), harness, cases, threads: 1, progress, source.Token));
        Assert.Single(progress.Seen);
    }

    [Fact]
    public void An_output_with_another_number_of_classes_is_refused()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Create(folder, Inputs, 64, classes: 4);
        var path = Model(folder, "Identity", null);
        var diagnostic = HarnessFiles.Fails("PB5002", () => ClassificationRun.Evaluate(path, harness, cases, threads: 1));
        Assert.Equal($"Output 'logits' of '{path}' has shape Float [5, 3]; a classifier with 4 classes was expected.", diagnostic.Message);
    }

    [Theory]
    [InlineData("NoSuchOperator")]
    [InlineData(null)]
    public void A_model_that_ONNX_Runtime_refuses_is_reported(string? operatorType)
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Create(folder, Inputs, 64);
        var path = operatorType is null ? folder.Write("model.onnx", [1, 2, 3]) : Model(folder, operatorType, null);
        var diagnostic = HarnessFiles.Fails("PB5001", () => ClassificationRun.Evaluate(path, harness, cases, threads: 1));
        Assert.Equal(path, diagnostic.File);
        Assert.DoesNotContain('\n', diagnostic.Message);
    }

    [Fact]
    public void Inputs_that_do_not_fit_the_model_are_reported()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Create(folder, Inputs, 64);
        var path = folder.Write("model.onnx", TinyOnnx.Unary("Identity", null, 5));
        HarnessFiles.Fails("PB5001", () => ClassificationRun.Evaluate(path, harness, cases, threads: 1));
    }

    [Fact]
    public void An_input_that_the_model_lacks_is_reported_with_those_it_has()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = Create(folder, Inputs, 64, spec: Spec.Replace("{ ", "{ \"name\": \"picture\", ", StringComparison.Ordinal));
        var diagnostic = HarnessFiles.Fails("PB5001", () => ClassificationRun.Evaluate(Model(folder, "Identity", null), harness, cases, threads: 1));
        Assert.EndsWith("the model has no input 'picture'; it has: image", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trained_network_reaches_its_known_accuracy()
    {
        const int Count = 300;
        const int BytesPerImage = 32 * 32 * 3;
        var shared = OnnxRuntimeNative.SharedFolder;
        Assert.SkipUnless(Directory.Exists(Path.Combine(shared, "models", "cifar-resnet")), "the shared models are not here");
        using var folder = new TemporaryFolder();
        folder.Write("t.u8", File.ReadAllBytes(Path.Combine(shared, "data", "cifar10", "dev.images.u8"))[..(Count * BytesPerImage)]);
        folder.Write("l.u8", File.ReadAllBytes(Path.Combine(shared, "data", "cifar10", "dev.labels.u8"))[..Count]);
        var spec = """
            { "elementType": "uint8", "shape": [32, 32, 3], "layout": "NHWC", "scale": 0.00392156862745098,
              "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }
            """;
        var json = HarnessFiles.Json("""{ "slice": "common", "tensors": "t.u8", "labels": "l.u8" }""", HarnessFiles.AnyFloor, spec);
        var harness = Harness.Load(folder.Write("harness.json", json));
        var cases = CaseSet.Load(harness);

        var small = ClassificationRun.Evaluate(Path.Combine(shared, "models", "cifar-resnet", "resnet20.onnx"), harness, cases, threads: 1);

        var right = Enumerable.Range(0, Count).Count(i => small.Classes[i] == cases.Labels[i]);
        Assert.InRange((double)right / Count, 0.74, 0.88);
        Assert.Equal(CheckResult.Pass, Gate.Judge(harness, cases, small, small, "linux-x64").Result);
    }

    private static (Harness Harness, CaseSet Cases) Create(TemporaryFolder folder, byte[] inputs, int batchSize, int classes = 3, string spec = Spec)
    {
        folder.Write("t.u8", inputs);
        folder.Write("l.u8", new byte[inputs.Length / 3]);
        var json = HarnessFiles.Json("""{ "slice": "common", "tensors": "t.u8", "labels": "l.u8" }""", HarnessFiles.AnyFloor, spec, classes)
            .Replace("\"cases\"", $"\"batchSize\": {batchSize}, \"cases\"", StringComparison.Ordinal);
        var harness = Harness.Load(folder.Write("harness.json", json));
        return (harness, CaseSet.Load(harness));
    }

    private static string Model(TemporaryFolder folder, string operatorType, int? batch) =>
        folder.Write("model.onnx", TinyOnnx.Unary(operatorType, batch, 3));

    private sealed class Recorder : IProgress<EvaluationProgress>
    {
        public List<EvaluationProgress> Seen { get; } = [];

        public Action OnReport { get; init; } = () => { };

        public void Report(EvaluationProgress value)
        {
            Seen.Add(value);
            OnReport();
        }
    }
}
