using PruneBuild.Graph.Dimensions;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.Dimensions;

/// <summary>Every class of real models: sliced ≡ masked dense, permuted ≡ original.</summary>
public sealed class SharedModelEdits(ITestOutputHelper output)
{
    [Theory]
    [InlineData("models/cifar-resnet/resnet20.onnx", "16 16 16 16 32 16 32 32 64 32 64 64")]
    [InlineData("models/cifar-resnet/resnet56.onnx",
        "16 16 16 16 16 16 16 16 16 16 32 16 32 32 32 32 32 32 32 32 64 32 64 64 64 64 64 64 64 64")]
    [InlineData("models/stories260K/model.onnx", "4 4 2 8 172 4 2 8 172 4 2 8 172 4 2 8 172 4 2 8 172")]
    [InlineData("models/magika/model.onnx", "257 64")]
    [InlineData("samples/MeterReader/models/meter-digits.onnx", "16 32 192 96")]
    public void Every_class_can_be_sliced_and_permuted(string name, string sizes)
    {
        var path = Path.Combine(name.StartsWith("samples", StringComparison.Ordinal) ? OnnxRuntimeNative.RepositoryRoot : OnnxRuntimeNative.SharedFolder, name);
        Assert.SkipUnless(File.Exists(path), $"{name} is not on this machine.");
        var classes = EditOracle.CheckAll(() => OnnxModel.Load(path), output.WriteLine);
        Assert.Equal(sizes, string.Join(' ', classes.Where(found => found.FrozenReason is null && found.ReductionReason is null).Select(found => found.Size)));
    }

    [Theory]
    [InlineData("cifar-resnet/resnet20.onnx")]
    [InlineData("stories260K/model.onnx")]
    public void All_classes_can_be_sliced_together(string name)
    {
        var path = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", name);
        Assert.SkipUnless(File.Exists(path), $"{name} is not on this machine.");
        using var masked = OnnxModel.Load(path);
        using var sliced = OnnxModel.Load(path);
        var random = new Random(1);
        var selections = new List<DimensionSelection>();
        foreach (var found in DimensionClosure.Analyze(sliced).Where(found => found.FrozenReason is null && found.ReductionReason is null))
        {
            var order = Enumerable.Range(0, found.Size).ToArray();
            random.Shuffle(order);
            var kept = (found.Size * 3 + 3) / 4;
            EditOracle.Mask(masked, found, order[kept..]);
            selections.Add(new DimensionSelection(found, order[..kept]));
        }
        DimensionEdit.Select(sliced, selections);
        Assert.True(sliced.WeightBytes < 0.85 * masked.WeightBytes);
        var difference = EditOracle.Difference(EditOracle.Run(masked), EditOracle.Run(sliced));
        output.WriteLine($"{difference:0.0e0}");
        Assert.InRange(difference, 0, EditOracle.Tolerance);
    }
}
