using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Structured;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Pruning;

/// <summary>A real network on real images, where they are present.</summary>
public sealed class CifarResNetTests
{
    private const int Cases = 500;
    private const int Calibrated = 128;
    private static readonly string ModelPath = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "cifar-resnet", "resnet20.onnx");
    private static readonly string DataFolder = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "data", "cifar10");

    private readonly ITestOutputHelper output;

    public CifarResNetTests(ITestOutputHelper output) => this.output = output;

    [Fact]
    public void Least_squares_beats_magnitude_alone_at_half_8x4_and_int8_keeps_it()
    {
        Assert.SkipUnless(File.Exists(ModelPath) && Directory.Exists(DataFolder), "the CIFAR ResNet is not on this machine");
        using var dense = OnnxModel.Load(ModelPath);
        var statistics = Calibrator.Collect(dense, ModelPath, WeightSites.Find(dense), CalibrationBatches(dense), threads: 2, CancellationToken.None);
        var accuracies = new Dictionary<RecoveryMethod, double>();
        var options = new PruneOptions { Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5, ProtectFirstLast = true, Threads = 2 };
        output.WriteLine($"dense {Accuracy(dense):0.000}");
        foreach (var recovery in Enum.GetValues<RecoveryMethod>())
        {
            using var model = OnnxModel.Load(ModelPath);
            var reports = ModelPruner.Prune(model, options with { Recovery = recovery }, statistics);
            accuracies[recovery] = Accuracy(model);
            output.WriteLine($"8x4 0.5 {recovery} {accuracies[recovery]:0.000}");
            Assert.All(reports.Where(report => report.Reason is null), report => Assert.Equal(0.5, report.Sparsity, 0.02));
            if (recovery != RecoveryMethod.LeastSquares)
                continue;
            var quantized = ModelQuantizer.Quantize(model, new QuantizeOptions());
            var int8 = Accuracy(model);
            output.WriteLine($"8x4 0.5 {recovery} int8 {int8:0.000}, least dB {quantized.Min(report => report.SignalToNoise):0.0}");
            Assert.Equal(accuracies[recovery], int8, 0.02);
        }
        Assert.True(accuracies[RecoveryMethod.LeastSquares] > accuracies[RecoveryMethod.None] + 0.05, string.Join(" ", accuracies));
    }

    [Fact]
    public void Channels_are_removed_with_their_residual_streams_and_least_squares_recovers_most()
    {
        Assert.SkipUnless(File.Exists(ModelPath) && Directory.Exists(DataFolder), "the CIFAR ResNet is not on this machine");
        using var dense = OnnxModel.Load(ModelPath);
        var statistics = Calibrator.Collect(dense, ModelPath, WeightSites.Find(dense), CalibrationBatches(dense), threads: 2, CancellationToken.None);
        var options = new StructuredOptions { Budget = new StructuredBudget(BudgetUnit.Macs, 0.75), Align = 2, Criterion = new Fluctuation(), Threads = 2 };
        var accuracies = new Dictionary<RecoveryMethod, double>();
        foreach (var recovery in Enum.GetValues<RecoveryMethod>())
        {
            using var model = OnnxModel.Load(ModelPath);
            var report = StructuredPruner.Prune(model, options with { Recovery = recovery }, statistics);
            accuracies[recovery] = Accuracy(model);
            output.WriteLine($"{recovery}: accuracy {accuracies[recovery]:0.000}, MACs {report.Macs.After / (double)report.Macs.Before:0.000}, bytes {report.Bytes.After / (double)report.Bytes.Before:0.000}");
            Assert.InRange(report.Macs.After / (double)report.Macs.Before, 0.6, 0.75);
            Assert.All(report.Classes.Where(entry => entry.Reason is null), entry => Assert.True(entry.Kept.Count < entry.Units));
        }
        Assert.True(accuracies[RecoveryMethod.LeastSquares] > accuracies[RecoveryMethod.None] + 0.05, string.Join(" ", accuracies));
    }

    private static IEnumerable<CalibrationBatch> CalibrationBatches(OnnxModel model)
    {
        const int size = 64;
        var images = File.ReadAllBytes(Path.Combine(DataFolder, "calibration.images.u8"));
        for (var first = 0; first + size <= Calibrated; first += size)
            yield return TestModels.Batch(model.Graph.Input[0].Name, PruneBuild.Tests.CifarImages.Normalized(images, first, size), size, 3, 32, 32);
    }

    private static double Accuracy(OnnxModel model)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            using var session = new InferenceSession(path);
            var images = File.ReadAllBytes(Path.Combine(DataFolder, "gate.images.u8"));
            var labels = File.ReadAllBytes(Path.Combine(DataFolder, "gate.labels.u8"));
            var right = 0;
            for (var first = 0; first < Cases; first += 100)
            {
                using var input = OrtValue.CreateTensorValueFromMemory(PruneBuild.Tests.CifarImages.Normalized(images, first, 100), [100, 3, 32, 32]);
                using var run = new RunOptions();
                using var results = session.Run(run, new Dictionary<string, OrtValue> { [session.InputNames[0]] = input }, session.OutputNames);
                var logits = results[0].GetTensorDataAsSpan<float>();
                for (var image = 0; image < 100; image++)
                    right += System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits.Slice(image * 10, 10)) == labels[first + image] ? 1 : 0;
            }
            return right / (double)Cases;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
