using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Pruning;

/// <summary>Whole pipelines on real graphs, where they are present.</summary>
public sealed class RealModelTests
{
    private static string Shared(params string[] path) => Path.Combine([PruneBuild.Tests.OnnxRuntimeNative.SharedFolder, "models", .. path]);

    [Theory]
    [InlineData("stories260K", "model.onnx")]
    [InlineData("magika", "model.onnx")]
    [InlineData("cifar-resnet", "resnet56.onnx")]
    public void A_pruned_and_quantized_model_is_accepted_by_ONNX_Runtime(string folder, string file)
    {
        Assert.SkipUnless(File.Exists(Shared(folder, file)), "the model is not on this machine");
        using var model = OnnxModel.Load(Shared(folder, file));
        var pruned = ModelPruner.Prune(model, new PruneOptions { Pattern = SparsityPattern.Parse("2:4") });
        Assert.Contains(pruned, report => report.Sparsity >= 0.5);
        var quantized = ModelQuantizer.Quantize(model, new QuantizeOptions { Bits = 7 });
        Assert.Contains(quantized, report => report.SignalToNoise > 25);
        var path = Path.Combine(Directory.CreateTempSubdirectory("prunebuild-test-").FullName, "model.onnx");
        try
        {
            model.Save(path);
            using var session = new InferenceSession(path);
            Assert.NotEmpty(session.OutputNames);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void A_language_model_is_calibrated_from_tokens_and_recovered()
    {
        var path = Shared("stories260K", "model.onnx");
        Assert.SkipUnless(File.Exists(path), "the model is not on this machine");
        using var model = OnnxModel.Load(path);
        var input = model.Graph.Input[0].Name;
        var random = new Random(1);
        var batches = Enumerable.Range(0, 4).Select(_ => new CalibrationBatch(new Dictionary<string, CalibrationTensor>
        {
            [input] = new(Enumerable.Range(0, 4 * 128).Select(_ => (long)random.Next(3, 512)).ToArray(), [4, 128]),
        }));
        var statistics = Calibrator.Collect(model, path, WeightSites.Find(model), batches, threads: 2, CancellationToken.None);
        var reports = ModelPruner.Prune(model, new PruneOptions { Pattern = SparsityPattern.Parse("8x4"), Recovery = RecoveryMethod.LeastSquares, Threads = 2 }, statistics);
        var recovered = reports.Where(report => report.Recovery == "least-squares").ToList();
        Assert.NotEmpty(recovered);
        Assert.All(recovered, report => Assert.True(report.RelativeErrorRecovered < report.RelativeErrorPruned));
    }
}
