using System.Globalization;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Recovery;
using PruneBuild.Compression.Structured;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Tests.Structured;

/// <summary>Layer ratios on a small language model, where it is present.</summary>
public sealed class TransformerPrunerTests(ITestOutputHelper output)
{
    [Fact]
    public void A_layer_is_attention_and_the_feed_forward_behind_it()
    {
        using var model = Open();
        var layers = TransformerLayers.Of(model);
        Assert.Equal(5, layers.Count);
        Assert.All(layers, layer => Assert.Equal((4, 172), (layer.Attention!.KeyValueGroups, layer.Neurons!.Size)));
        Assert.Equal(layers.SkipLast(1).Select(layer => layer.Output), layers.Skip(1).Select(layer => layer.Input));
        // A feed-forward whose attention is gone is a layer of its own.
        BlockRemoval.RemoveAll(model, [TransformerView.ResidualBlocks(model).First(block => block.Input == layers[2].Input).Output]);
        Assert.Equal([true, true, false, true, true], TransformerLayers.Of(model).Select(layer => layer.Attention is not null));
    }

    [Fact]
    public void A_fifth_of_the_neurons_goes_at_less_cost_than_where_they_matter_most()
    {
        var path = SharedLanguageModel.Path;
        var batches = SharedLanguageModel.Calibration(16);
        double Loss(IBlockRatios ratios)
        {
            using var model = OnnxModel.Load(path);
            var report = TransformerPruner.Prune(model, path, batches, new TransformerOptions { Ratio = 0.2, Ratios = ratios, Heads = false, Threads = 2 });
            Assert.Equal(172, report.Layers.Sum(layer => layer.Neurons.Before - layer.Neurons.After));
            Assert.All(report.Layers, layer => Assert.Equal(layer.Groups.Before, layer.Groups.After));
            var loss = SharedLanguageModel.Loss(model);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ratios.Name}: {loss:0.000}; neurons {string.Join(' ', report.Layers.Select(layer => layer.Neurons.After))}"));
            return loss;
        }
        using var dense = OnnxModel.Load(path);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"dense {SharedLanguageModel.Loss(dense):0.000}"));
        var bad = Loss(new MostInfluentialLayer());
        Assert.True(Loss(new EqualRatios()) < bad);
        Assert.True(Loss(new SlimLlmRatios()) < bad);
        Assert.True(Loss(new AdaptPrunerRatios(steps: 10, amplitude: 0.1)) < bad);
    }

    [Fact]
    public void Heads_and_neurons_of_a_layer_go_together_and_the_weights_are_those_asked_for()
    {
        var path = SharedLanguageModel.Path;
        using var model = OnnxModel.Load(path);
        var options = new TransformerOptions { Ratio = 0.25, Ratios = new SlimLlmRatios(), Criterion = new WeightNorm(2), Recovery = RecoveryMethod.Linear, Align = 4, Threads = 2 };
        var report = TransformerPruner.Prune(model, path, SharedLanguageModel.Calibration(8), options);
        Assert.Equal(5, report.Layers.Sum(layer => layer.Groups.Before - layer.Groups.After));
        Assert.All(report.Layers, layer => Assert.Equal(0, layer.Neurons.After % 4));
        Assert.Equal(0, report.Layers.Min(layer => layer.Ratio));
        Assert.Equal(0.25, report.Layers.Average(layer => layer.Ratio), 1e-9);
        Assert.All(report.Structured.Readers, reader => Assert.True(reader.ErrorRecovered < reader.ErrorPruned));
        // What was reported is what the graph holds.
        Assert.Equal(report.Layers.Select(layer => (layer.Groups.After, layer.Neurons.After)),
            TransformerLayers.Of(model).Select(layer => (layer.Attention!.KeyValueGroups, layer.Neurons!.Size)));
        Assert.True(double.IsFinite(SharedLanguageModel.Loss(model, 4)));
    }

    [Fact]
    public void A_model_without_layers_and_a_ratio_that_no_layer_can_lose_are_refused()
    {
        using var model = TestModels.Model([TestModels.Node("MatMul", ["x", "w"], "y")], [("x", [-1, 4])], ["y"], [("w", [4, 4], new float[16])]);
        string Code(double ratio) => Assert.Throws<PruneBuildException>(() => TransformerPruner.Prune(
            model, "model.onnx", [TestModels.Batch("x", new float[4], 1, 4)], new TransformerOptions { Ratio = ratio, Ratios = new SlimLlmRatios() })).Diagnostic.Code;
        Assert.Equal("PB3021", Code(0.2));
        Assert.Equal("PB1012", Code(0.95));
        Assert.Equal("PB1012", Code(double.NaN));
    }

    private static OnnxModel Open() => OnnxModel.Load(SharedLanguageModel.Path);

    /// <summary>All from the layers that change their input most.</summary>
    private sealed class MostInfluentialLayer : IBlockRatios
    {
        public string Name => "worst";

        public double Most => 0.99;

        public double[] Allocate(IReadOnlyList<double> sizes, double ratio, LayerCosines cosines)
        {
            var dense = cosines(new double[sizes.Count]);
            return new SlimLlmRatios(alpha: 100, share: 0.2).Allocate(sizes, ratio, _ => [.. dense.Select(cosine => -cosine)]);
        }
    }
}
