using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests;

public sealed class DishonestTensors
{
    [Theory]
    [InlineData(new long[] { -1 })]
    [InlineData(new long[] { 2, -2 })]
    [InlineData(new[] { 1L << 40, 1L << 40 })]
    [InlineData(new[] { long.MaxValue, 2L })]
    [InlineData(new[] { long.MaxValue })]
    [InlineData(new[] { long.MinValue })]
    public void An_impossible_shape_is_PB2011(long[] shape)
    {
        using var folder = new TemporaryFolder();
        var inline = TestModels.AddWeight(TestModels.Floats("t", shape, 1));
        var external = TestModels.AddWeight(TestModels.External("t", shape, "m.onnx"));
        var text = TestModels.AddWeight(new TensorProto { Name = "t", DataType = (int)DataType.String, Dims = { shape } });

        Rejected.With("PB2011", folder.Write("a.onnx", inline));
        Rejected.With("PB2011", folder.Write("b.onnx", external));
        Rejected.With("PB2011", folder.Write("c.onnx", text));
    }

    [Fact]
    public void A_huge_tensor_in_a_small_file_is_refused_without_being_allocated()
    {
        using var folder = new TemporaryFolder();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Rejected.With("PB2009", folder.Write("a.onnx", TestModels.AddWeight(TestModels.Floats("t", [1L << 50], 1))));
        Rejected.With("PB2009", folder.Write("b.onnx", TestModels.AddWeight(new TensorProto { Name = "t", DataType = 1, Dims = { 1L << 50 } })));
        Rejected.With("PB2006", folder.Write("c.onnx", TestModels.AddWeight(TestModels.External("t", [1L << 50], "c.onnx"))));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(-1)]
    public void An_unknown_element_type_is_PB2011(int type)
    {
        using var folder = new TemporaryFolder();
        Rejected.With("PB2011", folder.Write("m.onnx", TestModels.AddWeight(TestModels.Raw("t", (DataType)type, [1], [1, 2, 3, 4]))));
    }

    [Fact]
    public void A_payload_of_another_size_than_the_shape_says_is_PB2009()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var inline = new TensorProto { Name = "t", DataType = 1, Dims = { 3 }, FloatData = { 1, 2 } };

        Rejected.With("PB2009", folder.Write("a.onnx", TestModels.AddWeight(TestModels.Floats("t", [3], 1, 2))));
        Rejected.With("PB2009", folder.Write("b.onnx", TestModels.AddWeight(TestModels.Floats("t", [1], 1, 2))));
        Rejected.With("PB2009", folder.Write("c.onnx", TestModels.AddWeight(inline)));
        Rejected.With("PB2009", folder.Write("d.onnx", TestModels.AddWeight(TestModels.External("t", [4], "w.bin", 0, 12))));
    }

    [Fact]
    public void Strings_that_do_not_fill_their_shape_or_lie_outside_are_PB2011()
    {
        using var folder = new TemporaryFolder();
        var outside = TestModels.External("t", [1], "w.bin");
        outside.DataType = (int)DataType.String;

        Rejected.With("PB2011", folder.Write("a.onnx", TestModels.AddWeight(
            new TensorProto { Name = "t", DataType = (int)DataType.String, Dims = { 2 }, StringData = { Google.Protobuf.ByteString.Empty } })));
        Rejected.With("PB2011", folder.Write("b.onnx", TestModels.AddWeight(outside)));
    }

    [Fact]
    public void External_data_inside_nodes_and_sparse_initializers_is_PB2011()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var constant = TestModels.Node("Constant", [], "c");
        constant.Attribute.Add(new AttributeProto { Name = "value", T = TestModels.External("t", [1], "w.bin") });
        var inConstant = TestModels.AddWeight();
        inConstant.Graph.Node.Add(constant);
        var inBranch = IfModel.Create();
        inBranch.Graph.Node[1].Attribute[0].G.Initializer.Add(TestModels.External("t", [1], "w.bin"));
        var nested = IfModel.Create();
        nested.Graph.Node[1].Attribute[0].G.Node.Add(constant);
        var sparse = TestModels.AddWeight();
        sparse.Graph.SparseInitializer.Add(new SparseTensorProto { Values = TestModels.External("t", [1], "w.bin") });
        var function = TestModels.AddWeight();
        function.Functions.Add(new FunctionProto { Name = "f", Node = { constant } });

        foreach (var model in new[] { inConstant, inBranch, nested, sparse, function })
            Rejected.With("PB2011", folder.Write("m.onnx", model));
    }
}
