using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Training;
using PruneBuild.Graph;
using PruneBuild.Tests;

namespace PruneBuild.Compression.Tests.Training;

/// <summary>Recovery of a block-pruned network on real images, where they are present.</summary>
public sealed class ResNetRecoveryTests
{
    private static readonly string ModelPath = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", "cifar-resnet", "resnet20.onnx");
    private static readonly string DataFolder = Path.Combine(OnnxRuntimeNative.SharedFolder, "data", "cifar10");

    private readonly ITestOutputHelper output;

    public ResNetRecoveryTests(ITestOutputHelper output) => this.output = output;

    [Fact]
    public void Statistics_lift_the_accuracy_and_distillation_the_agreement_with_the_parent()
    {
        Assert.SkipUnless(File.Exists(ModelPath) && Directory.Exists(DataFolder), "the CIFAR ResNet is not on this machine");
        using var dense = OnnxModel.Load(ModelPath);
        using var model = OnnxModel.Load(ModelPath);
        ModelPruner.Prune(model, new PruneOptions { Pattern = SparsityPattern.Parse("8x4"), Sparsity = 0.5, ProtectFirstLast = true });
        var zeros = Zeros(model);
        var pruned = Accuracy(model);

        Assert.Equal(19, BatchNormReestimation.Apply(model, Images(model, "calibration", 250, 125)));
        var reestimated = Accuracy(model);
        var data = TrainingData.FromBatches(Images(model, "calibration", 750, 250));
        var options = new TrainingOptions { Steps = 12, LearningRate = 0.03, Threads = 2, Augmentation = new ImageAugmentation(), HoldOut = 0 };
        var report = new FullTuning().Recover(model, dense, data, options);
        var distilled = Accuracy(model);

        output.WriteLine($"dense {Accuracy(dense):0.000} pruned {pruned:0.000} re-estimated {reestimated:0.000} distilled {distilled:0.000}; {report}");
        Assert.True(reestimated > pruned + 0.05, $"{pruned} {reestimated}");
        // A dozen steps halve the distance to the parent; the stored statistics are still on their way.
        Assert.True(report.LossAfter < 0.6 * report.LossBefore, $"{report}");
        Assert.True(distilled > reestimated - 0.05, $"{reestimated} {distilled}");
        Assert.Equal(zeros, Zeros(model));
    }

    private static Dictionary<string, int> Zeros(OnnxModel model) => WeightSites.Find(model)
        .ToDictionary(site => site.Name, site => site.ReadMatrix(model).Count(value => value == 0));

    private static IEnumerable<CalibrationBatch> Images(OnnxModel model, string set, int count, int size)
    {
        var images = File.ReadAllBytes(Path.Combine(DataFolder, set + ".images.u8"));
        for (var first = 0; first + size <= count; first += size)
            yield return TestModels.Batch(model.Graph.Input[0].Name, CifarImages.Normalized(images, first, size), size, 3, 32, 32);
    }

    private static double Accuracy(OnnxModel model)
    {
        var labels = File.ReadAllBytes(Path.Combine(DataFolder, "gate.labels.u8"));
        var (right, all) = (0, 0);
        foreach (var batch in Images(model, "gate", 250, 125))
        {
            foreach (var logits in ((float[])TorchInterpreter.Run(model, batch)[model.Graph.Output[0].Name].Data).Chunk(10))
                right += Array.IndexOf(logits, logits.Max()) == labels[all++] ? 1 : 0;
        }
        return right / (double)all;
    }
}
