using PruneBuild.Compression.Quantization;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Quantization;

/// <summary>What quantization cannot or must not touch.</summary>
public sealed class UnreachedWeightsTests
{
    [Fact]
    public void Weights_that_are_no_initializers_are_named_and_products_of_activations_are_not()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("Transpose", ["t"], "turned"), TestModels.Node("MatMul", ["x", "turned"], "a"), TestModels.Node("Mul", ["w", "two"], "doubled"),
                TestModels.Node("MatMul", ["a", "doubled"], "b"), TestModels.Node("MatMul", ["b", "w"], "c"), TestModels.Node("Transpose", ["c"], "ct"),
                TestModels.Node("MatMul", ["ct", "c"], "scores"), TestModels.Node("MatMul", ["scores", "stack"], "y"),
            ],
            [("x", [-1, 8])], ["y"],
            [("t", [8, 8], TestModels.Random(1, 64)), ("w", [8, 8], TestModels.Random(2, 64)), ("two", [], [2]), ("stack", [3, 8, 8], TestModels.Random(3, 192))]);
        Assert.Equal(
            [
                ("a_node", "the weight is no initializer: Transpose 'turned_node' makes it"), ("b_node", "the weight is no initializer: Mul 'doubled_node' makes it"),
                ("y_node", "the weight is no matrix that the operator multiplies its last axis with"),
            ],
            UnreachedWeights.Find(model));
        var report = Assert.Single(GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions()));
        Assert.Equal(("c_node", 4), (report.Name, report.Bits));
    }

    [Fact]
    public void A_model_that_came_quantized_is_not_quantized_twice()
    {
        using var model = Quantized();
        var (weights, nodes) = (model.Weights.Keys.ToList(), model.Graph.Node.Select(node => node.OpType).ToList());
        Assert.Equal(["d_node", "e_node", "y_node"], UnreachedWeights.Find(model).Select(left => left.Name));
        Assert.All(UnreachedWeights.Find(model), left => Assert.Equal("the weight is already quantized", left.Reason));
        Assert.Empty(EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 32, true), _ => false));
        var report = Assert.Single(GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions()));
        Assert.Equal(("f_node", 32, "the weight is already quantized"), (report.Name, report.Bits, report.Reason));
        Assert.Equal(weights, model.Weights.Keys);
        Assert.Equal(nodes, model.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void An_old_quantized_embedding_is_left_alone()
    {
        using var model = TestModels.Model(
            [TestModels.Node("DequantizeLinear", ["t8", "s"], "table"), TestModels.Node("Gather", ["table", "ids"], "y")], [], ["y"], [("s", [], [0.1f])]);
        model.SetWeight("t8", TensorProto.Types.DataType.Int8, [4, 8], new byte[32]);
        Assert.Equal([("y_node", "the weight is already quantized")], UnreachedWeights.Find(model));
        Assert.Empty(EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 32, true), _ => false));
    }

    /// <summary>A layer of each form that quantized weights come in: MatMulNBits, int4 behind a blocked and int8 behind a plain DequantizeLinear.</summary>
    private static OnnxModel Quantized()
    {
        var model = TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "w"], "d"), TestModels.Node("DequantizeLinear", ["w4", "s4"], "w4f", ("axis", 0L), ("block_size", 16L)),
                TestModels.Node("MatMul", ["d", "w4f"], "e"), TestModels.Node("DequantizeLinear", ["w8", "s8"], "w8f", ("axis", 1L)), TestModels.Node("MatMul", ["e", "w8f"], "f"),
                TestModels.Node("MatMulInteger", ["f8", "w8"], "y"),
            ],
            [("x", [-1, 32]), ("f8", [-1, 32])], ["y", "f"],
            [("w", [32, 32], TestModels.Random(1, 1024)), ("s4", [2, 32], TestModels.Random(2, 64)), ("s8", [32], TestModels.Random(3, 32))], opset: 21);
        model.SetWeight("w4", TensorProto.Types.DataType.Int4, [32, 32], new byte[512]);
        model.SetWeight("w8", TensorProto.Types.DataType.Int8, [32, 32], new byte[1024]);
        GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { Skip = ["f_node"] });
        return model;
    }
}
