using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Quantization;
using PruneBuild.Compression.Recovery;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Quantization.Groups;

/// <summary>A real language model with grouped queries, where it is present.</summary>
public sealed class SharedModelTests
{
    [Fact]
    public void Every_legal_place_is_scaled_the_others_say_why_and_the_loss_stays()
    {
        using var model = OnnxModel.Load(SharedLanguageModel.Path);
        var before = SharedLanguageModel.Loss(model, stories: 4);
        var groups = Scale(model).Groups;
        // Of five layers the two normalizations, the values (four groups of two query heads) and the neurons, and the last normalization.
        Assert.InRange(groups.Count(group => group.Reason is null), 18, 21);
        Assert.Contains(groups, group => group is { Reason: null, Units: 32 });
        Assert.All(groups.Where(group => group.Reason is not null), group => Assert.NotEqual("", group.Reason));
        Assert.Equal(before, SharedLanguageModel.Loss(model, stories: 4), 1e-5);
    }

    [Fact]
    public void Scales_and_ranges_lose_less_than_rounding()
    {
        double Loss(string method)
        {
            using var model = OnnxModel.Load(SharedLanguageModel.Path);
            var options = Options(method);
            var statistics = options.Method.ScalesFirst ? Scale(model).Statistics! : Calibrate(model);
            GroupModelQuantizer.Quantize(model, options, statistics);
            return SharedLanguageModel.Loss(model);
        }
        var (aware, nearest) = (Loss("awq"), Loss("rtn"));
        Assert.True(aware < nearest - 0.02, $"{aware} against {nearest}");
    }

    [Fact]
    public void Weights_in_a_file_beside_the_model_give_the_same_model()
    {
        using var inline = OnnxModel.Load(SharedLanguageModel.Path);
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            inline.Save(path, externalData: true);
            using var external = OnnxModel.Load(path);
            foreach (var model in new[] { inline, external })
            {
                var statistics = Path.Combine(folder, "statistics.bin");
                Calibrator.CollectToFile(statistics, model, path, WeightSites.Find(model), SharedLanguageModel.Calibration(4), new CalibrationOptions { Threads = 1 }, CancellationToken.None);
                var scaled = new ActivationAwareScaling(Options("awq")).Apply(model, CalibrationStatistics.Open(statistics)).Statistics;
                EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 32, true), _ => false);
                GroupModelQuantizer.Quantize(model, Options("awq"), scaled);
            }
            external.Save(Path.Combine(folder, "quantized.onnx"), externalData: true);
            using var again = OnnxModel.Load(Path.Combine(folder, "quantized.onnx"));
            Assert.Equal(inline.Weights.Keys, again.Weights.Keys);
            foreach (var weight in inline.Weights.Values)
                Assert.Equal(weight.Read<byte>(), again.Weights[weight.Name].Read<byte>());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static GroupQuantizeOptions Options(string method) => new() { Method = GroupQuantizers.Get(method), AccuracyLevel = 0, Threads = 2 };

    private static Compression.Redistribution.RedistributionResult Scale(OnnxModel model) => new ActivationAwareScaling(Options("awq")).Apply(model, Calibrate(model));

    private static CalibrationStatistics Calibrate(OnnxModel model) => Calibrator.Collect(
        model, SharedLanguageModel.Path, WeightSites.Find(model), SharedLanguageModel.Calibration(24), threads: 2, CancellationToken.None);
}
