using PruneBuild.Graph.Onnx;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests;

public sealed class RealModelRoundTrip
{
    public static TheoryData<string, bool> Cases => new MatrixTheoryData<string, bool>(
        ["cifar-resnet/resnet20.onnx", "cifar-resnet/resnet56.onnx", "stories260K/model.onnx", "magika/model.onnx"],
        [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_nodes_and_results_are_the_same_after_load_and_save(string name, bool externalData)
    {
        var source = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", name);
        Assert.SkipUnless(File.Exists(source), $"{name} is not on this machine.");
        using var folder = new TemporaryFolder();
        var copy = folder["copy.onnx"];

        using var original = OnnxModel.Load(source);
        original.Save(copy, externalData);
        using var reloaded = OnnxModel.Load(copy);

        Assert.NotEmpty(original.Weights);
        Assert.Equal(original.Weights.Keys, reloaded.Weights.Keys);
        foreach (var (key, weight) in original.Weights)
        {
            var other = reloaded.Weights[key];
            Assert.Equal((weight.Type, weight.Bytes), (other.Type, other.Bytes));
            Assert.Equal(weight.Shape, other.Shape);
            Assert.Equal(weight.Read<byte>(), other.Read<byte>());
        }
        Assert.Equal(original.Proto, reloaded.Proto);
        Assert.Equal(externalData ? [copy, copy + ".data"] : [copy], reloaded.SourceFiles);
        Assert.Equal(OnnxRuntimeOracle.Run(source, seed: 1), OnnxRuntimeOracle.Run(copy, seed: 1));
    }

    [Theory]
    [InlineData("cifar-resnet/resnet20.onnx")]
    [InlineData("stories260K/model.onnx")]
    public void The_lazy_reader_sees_what_a_full_protobuf_parse_sees(string name)
    {
        var source = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", name);
        Assert.SkipUnless(File.Exists(source), $"{name} is not on this machine.");
        var whole = ModelProto.Parser.ParseFrom(File.ReadAllBytes(source));
        using var parsed = OnnxModel.FromProto(whole);

        using var model = OnnxModel.Load(source);

        Assert.Equal(parsed.Proto, model.Proto);
        Assert.Equal(parsed.Weights.Keys, model.Weights.Keys);
        foreach (var (key, weight) in parsed.Weights)
            Assert.Equal(weight.Read<byte>(), model.Weights[key].Read<byte>());
    }
}
