using System.Runtime.InteropServices;
using MeterReader.Rendering;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph.Onnx;
using PruneBuild.Tests;

namespace PruneBuild.Samples.Tests.MeterReader;

public sealed class CommittedModelTests
{
    private static readonly string _sample = Path.Combine(OnnxRuntimeNative.RepositoryRoot, "samples", "MeterReader");

    private static readonly string _modelFile = Path.Combine(_sample, "models", "meter-digits.onnx");

    [Theory]
    [InlineData("common", 1000, 0.99)]
    [InlineData("edge", 800, 0.95)]
    [InlineData("adversarial", 600, 0.85)]
    public void The_committed_model_reads_the_committed_cases(string slice, int count, double accuracy)
    {
        var images = Cases(slice, "images");
        var labels = Cases(slice, "labels");
        Assert.Equal(count, labels.Length);

        using var session = new InferenceSession(_modelFile);
        using var image = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(images, pixel => (pixel / 255f - 0.5f) / 0.5f), [count, 1, 32, 24]);
        using var run = new RunOptions();
        using var results = session.Run(run, ["image"], [image], ["logits"]);
        var logits = results[0].GetTensorDataAsSpan<float>().ToArray();
        var right = logits.Chunk(10).Zip(labels).Count(pair => Array.IndexOf(pair.First, pair.First.Max()) == pair.Second);
        Assert.InRange((double)right / count, accuracy, 1);
    }

    [Theory]
    [InlineData("common", Slice.Common)]
    [InlineData("edge", Slice.Edge)]
    [InlineData("adversarial", Slice.Adversarial)]
    public void The_committed_cases_are_what_the_renderer_draws(string name, Slice slice)
    {
        var images = Cases(name, "images");
        var labels = Cases(name, "labels");
        for (var index = 0; index < labels.Length; index += 7)
        {
            var scene = SceneSampler.Sample(slice, SplitMix64.SeedOf(100 + (ulong)slice, index));
            Assert.Equal(scene.Label, labels[index]);
            Assert.Equal(DigitRenderer.Render(scene), images[(index * 768)..((index + 1) * 768)]);
        }
    }

    [Fact]
    public void The_committed_model_is_dense_and_mostly_in_its_dense_layers()
    {
        var initializers = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_modelFile)).Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => tensor.RawData);
        Assert.All(initializers.Values, values => Assert.DoesNotContain(0f, MemoryMarshal.Cast<byte, float>(values.Span).ToArray()));
        var dense = initializers["dense1.weight"].Length + initializers["dense2.weight"].Length;
        Assert.InRange((double)dense / initializers.Values.Sum(values => values.Length), 0.9, 1);
    }

    private static byte[] Cases(string slice, string kind) => File.ReadAllBytes(Path.Combine(_sample, "eval", "cases", $"{slice}.{kind}.u8"));
}
