using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>ONNX Runtime's own outputs are the oracle: what is followed from shapes must be what it produces.</summary>
public sealed class SpatialSizesTests
{
    [Theory]
    [InlineData("resnet20.onnx")]
    [InlineData("resnet56.onnx")]
    public void The_convolutions_of_a_real_network_have_the_sizes_that_run_time_shows(string name)
    {
        var path = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", "cifar-resnet", name);
        Assert.SkipUnless(File.Exists(path), "the folder of real models is not beside the repository");
        using var model = OnnxModel.Load(path);
        Matches(model, [1, 3, 32, 32], followed: 6);
    }

    [Theory]
    [InlineData(3, 1, 1, 1)]
    [InlineData(3, 2, 1, 1)]
    [InlineData(5, 3, 0, 1)]
    [InlineData(3, 1, 2, 2)]
    public void Strides_pads_and_dilations(int kernel, int stride, int pad, int dilation)
    {
        var graph = new GraphProto { Name = "g" };
        var conv = new NodeProto { OpType = "Conv", Name = "conv", Input = { "x", "w" }, Output = { "c" } };
        AddInts(conv, "strides", stride, stride);
        AddInts(conv, "pads", pad, pad, pad, pad);
        AddInts(conv, "dilations", dilation, dilation);
        graph.Node.Add(conv);
        graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "c" }, Output = { "r" } });
        var pool = new NodeProto { OpType = "MaxPool", Input = { "r" }, Output = { "p" } };
        AddInts(pool, "kernel_shape", 2, 2);
        AddInts(pool, "strides", 2, 2);
        graph.Node.Add(pool);
        graph.Node.Add(new NodeProto { OpType = "Conv", Name = "second", Input = { "p", "w2" }, Output = { "y" } });
        graph.Input.Add(Value("x", 1, 3, 23, 17));
        graph.Output.Add(Value("y"));
        using var model = OnnxModel.FromProto(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } });
        model.SetWeight("w", [4, 3, kernel, kernel], new float[4 * 3 * kernel * kernel]);
        model.SetWeight("w2", [4, 4, 1, 1], new float[16]);
        Matches(model, [1, 3, 23, 17], followed: 2);
    }

    private static void Matches(OnnxModel model, long[] input, int followed)
    {
        var sizes = new SpatialSizes(model);
        var convolutions = model.Graph.Node.Where(node => node.OpType == "Conv").Select(node => node.Output[0]).Distinct().ToList();
        var known = convolutions.Where(name => sizes.Of(name) is not null).ToList();
        Assert.True(known.Count >= followed, $"{known.Count} of {convolutions.Count} are known");
        foreach (var name in known.Where(name => model.Graph.Output.All(output => output.Name != name)))
            model.Graph.Output.Add(new ValueInfoProto { Name = name });
        var path = Path.Combine(Path.GetTempPath(), $"prunebuild-{Guid.NewGuid():N}.onnx");
        try
        {
            model.Save(path);
            using var session = new InferenceSession(path);
            using var value = OrtValue.CreateTensorValueFromMemory(new float[input.Aggregate(1L, (product, dimension) => product * dimension)], input);
            using var options = new RunOptions();
            using var outputs = session.Run(options, [session.InputNames[0]], [value], known);
            foreach (var (name, output) in known.Zip(outputs))
                Assert.Equal(output.GetTensorTypeAndShape().Shape.Skip(2).Aggregate(1L, (product, dimension) => product * dimension), sizes.Of(name));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AddInts(NodeProto node, string name, params long[] values) =>
        node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } });

    private static ValueInfoProto Value(string name, params long[] dimensions)
    {
        var type = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float };
        if (dimensions.Length > 0)
        {
            type.Shape = new TensorShapeProto();
            type.Shape.Dim.AddRange(dimensions.Select(dimension => new TensorShapeProto.Types.Dimension { DimValue = dimension }));
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}
