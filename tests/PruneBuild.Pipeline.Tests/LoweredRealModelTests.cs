using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A real network, pruned and quantized, before and after lowering.</summary>
public sealed class LoweredRealModelTests
{
    private const int Images = 32;

    private static readonly string ModelPath = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", "cifar-resnet", "resnet56.onnx");
    private static readonly string ImagesPath = Path.Combine(PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "data", "cifar10", "dev.images.u8");

    [Theory]
    [InlineData("8x4", true, 0.03)]
    [InlineData("16x1", false, 1e-4)]
    public void A_lowered_ResNet_computes_what_its_pruned_and_quantized_weights_say(string pattern, bool quantize, double tolerance)
    {
        Assert.SkipUnless(File.Exists(ModelPath) && File.Exists(ImagesPath), "the CIFAR ResNet is not on this machine");
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            using var model = OnnxModel.Load(ModelPath);
            ModelPruner.Prune(model, new() { Pattern = SparsityPattern.Parse(pattern), Sparsity = 0.6, ProtectFirstLast = true });
            if (quantize)
                ModelQuantizer.Quantize(model, new());
            var expected = Run(model, Path.Combine(folder, "pruned.onnx"));

            var layers = ModelLowering.Lower(model, DeviceCatalogue.Find("linux-x64"), new() { BatchSize = Images });
            var actual = Run(model, Path.Combine(folder, "lowered.onnx"));

            Assert.True(layers.Count(layer => PackedFormats.Find(layer.Kernel) is not null) > layers.Count / 2, "Most layers should have a sparse kernel.");
            Assert.DoesNotContain(model.Graph.Node, node => node.OpType == "BatchNormalization");
            var error = Math.Sqrt(expected.Zip(actual, (left, right) => Math.Pow(left - right, 2)).Sum() / expected.Sum(value => Math.Pow(value, 2)));
            TestContext.Current.TestOutputHelper?.WriteLine($"{pattern}: relative error {error:0.0000}; {string.Join(", ", layers.CountBy(layer => layer.Kernel))}");
            Assert.InRange(error, 0, tolerance);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static float[] Run(OnnxModel model, string path)
    {
        model.Save(path);
        using var session = ModelSession.Open(path, 1);
        using var input = OrtValue.CreateTensorValueFromMemory(PruneBuild.Tests.CifarImages.Normalized(File.ReadAllBytes(ImagesPath), 0, Images), [Images, 3, 32, 32]);
        using var options = new RunOptions();
        using var results = session.Run(options, session.InputNames, [input], session.OutputNames);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
