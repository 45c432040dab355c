using PruneBuild.Graph;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class RealModelTests
{
    [Fact]
    public void Every_layer_of_a_real_model_gets_a_kernel_and_a_reason()
    {
        var folder = Path.Combine(OnnxRuntimeNative.SharedFolder, "models");
        Assert.SkipUnless(Directory.Exists(folder), "The shared models are not on this machine.");

        foreach (var path in Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories))
        {
            using var model = OnnxModel.Load(path);
            var sites = WeightSites.Find(model).Select(site => site.Name).ToList();

            var layers = ModelLowering.Lower(model, DeviceCatalogue.Find("linux-arm64"));

            Assert.Equal(sites, layers.Select(layer => layer.Name));
            Assert.All(layers, layer => Assert.NotEmpty(layer.Reason));
            TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetFileName(path)}: {string.Join(Environment.NewLine, layers.Take(3).Select(layer => layer.Reason))}");
        }
    }
}
