using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>Which nodes and weights a lowered model has, and what is said about the layers that stay.</summary>
public sealed class ModelLoweringTests
{
    private static readonly Device X64 = DeviceCatalogue.Find("linux-x64");
    private static readonly Matrix Sparse = new(128, 256, blockSparsity: 0.9);
    private static readonly Matrix Unstructured = new(128, 256, blockSparsity: 0);

    private static ModelBuilder Model() => new ModelBuilder().Input("x", 4, 256).Output("y", 4, 128);

    [Fact]
    public void A_block_sparse_int8_layer_becomes_a_SparseMatMul_alone()
    {
        using var model = Model().Quantized("w", Sparse).Node("MatMul", ["x", "w"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        var node = Assert.Single(model.Graph.Node);
        Assert.Equal(("prunebuild", "SparseMatMul"), (node.Domain, node.OpType));
        Assert.Contains(model.Proto.OpsetImport, import => import is { Domain: "prunebuild", Version: 1 });
        var packed = Assert.Single(model.Weights.Values);
        Assert.Equal(TensorProto.Types.DataType.Uint8, packed.Type);
        Assert.Equal((node.GetText("format", ""), "int8", packed.Bytes), (layer.Kernel, layer.Precision, layer.StoredBytes));
        Assert.InRange(layer.Sparsity, 0.85, 0.95);
        Assert.InRange(layer.Candidates.Single(candidate => candidate.Kernel == Block8x4Int8.FormatName).Sparsity, 0.85, 0.95);
        Assert.Equal(3 + PackedFormats.All.Count(format => format.IsExecutable), layer.Candidates.Count);
    }

    [Fact]
    public void The_bias_and_the_Relu_of_a_MatMul_become_part_of_the_node()
    {
        using var model = Model().Quantized("w", Sparse).Float("b", new float[128], 128)
            .Node("MatMul", ["x", "w"], "h").Node("Add", ["b", "h"], "s").Node("Relu", ["s"], "y").Declare("h", 4, 128).Build();

        ModelLowering.Lower(model, X64);

        var node = Assert.Single(model.Graph.Node);
        Assert.Equal("b", node.Input[2]);
        Assert.Equal("y", node.Output[0]);
        Assert.Contains(node.Attribute, attribute => attribute.Name == "activation" && attribute.S.ToStringUtf8() == "relu");
        Assert.Empty(model.Graph.ValueInfo);
    }

    [Fact]
    public void A_Relu_is_left_alone_when_its_input_has_another_user()
    {
        using var model = Model().Output("h", 4, 128).Quantized("w", Sparse)
            .Node("MatMul", ["x", "w"], "h").Node("Relu", ["h"], "y").Build();

        ModelLowering.Lower(model, X64);

        Assert.Equal(["SparseMatMul", "Relu"], model.Graph.Node.Select(node => node.OpType));
    }

    [Theory]
    [InlineData(1, 128)]
    [InlineData(4, 128)]
    public void An_Add_that_broadcasts_more_than_a_vector_is_left_alone(int rows, int columns)
    {
        using var model = Model().Quantized("w", Sparse).Float("c", new float[rows * columns], rows, columns)
            .Node("MatMul", ["x", "w"], "h").Node("Add", ["h", "c"], "y").Build();

        ModelLowering.Lower(model, X64);

        Assert.Equal(["SparseMatMul", "Add"], model.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void Layers_that_share_a_weight_share_its_packed_form()
    {
        var square = new Matrix(256, 256, blockSparsity: 0.9);
        using var model = new ModelBuilder().Input("x", 4, 256).Output("y", 4, 256).Quantized("w", square)
            .Node("MatMul", ["x", "w"], "h").Node("MatMul", ["h", "w"], "y").Build();

        var layers = ModelLowering.Lower(model, X64);

        Assert.Equal(2, layers.Count);
        Assert.Single(model.Weights);
        Assert.Equal(model.Graph.Node[0].Input[1], model.Graph.Node[1].Input[1]);
    }

    [Fact]
    public void A_weight_that_another_node_reads_too_stays_for_it()
    {
        using var model = Model().Output("t", 128, 256).Quantized("w", Sparse)
            .Node("MatMul", ["x", "w"], "y").Node("Transpose", ["w"], "t").Build();

        ModelLowering.Lower(model, X64);

        Assert.Equal(["DequantizeLinear", "SparseMatMul", "Transpose"], model.Graph.Node.Select(node => node.OpType));
        Assert.True(model.Weights.ContainsKey("w.q"));
    }

    [Fact]
    public void Unstructured_int8_becomes_DynamicQuantizeMatMul_and_the_refusal_has_numbers()
    {
        using var model = Model().Quantized("w", Unstructured).Node("MatMul", ["x", "w"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        Assert.Equal(("com.microsoft", "DynamicQuantizeMatMul"), (model.Graph.Node[0].Domain, model.Graph.Node[0].OpType));
        Assert.Contains(model.Proto.OpsetImport, import => import.Domain == "com.microsoft");
        Assert.DoesNotContain(model.Proto.OpsetImport, import => import.Domain == "prunebuild");
        Assert.Equal(KernelName.DenseInt8, layer.Kernel);
        Assert.Equal(128 * 256 + 4 * 128, layer.StoredBytes);
        Assert.Matches(@"^refused: block8x4\.int8 \d+\.\d us .*, dense\.int8 \d+\.\d us", layer.Reason);
    }

    [Fact]
    public void Weights_beyond_7_bits_stay_behind_their_DequantizeLinear_where_int8_saturates()
    {
        using var model = Model().Quantized("w", new Matrix(128, 256, 0, magnitude: 127)).Node("MatMul", ["x", "w"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        Assert.Equal(["DequantizeLinear", "MatMul"], model.Graph.Node.Select(node => node.OpType));
        Assert.Equal((KernelName.DenseFp32StoredInt8, "fp32", 128 * 256 + 4 * 128L), (layer.Kernel, layer.Precision, layer.StoredBytes));
        Assert.Contains("int8 products saturate", layer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_dynamic_int8_no_kernel_quantizes_activations()
    {
        using var model = Model().Quantized("w", Sparse).Node("MatMul", ["x", "w"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64, new LoweringOptions { AllowDynamicInt8 = false }));

        Assert.False(PackedFormats.Find(layer.Kernel)?.QuantizesActivations ?? layer.Kernel == KernelName.DenseInt8, layer.Reason);
        Assert.All(
            layer.Candidates.Where(candidate => PackedFormats.Find(candidate.Kernel) is { QuantizesActivations: true }),
            candidate => Assert.NotNull(candidate.Obstacle));
    }

    [Theory]
    [InlineData("alpha")]
    [InlineData("beta")]
    public void A_scaled_Gemm_is_refused(string attribute)
    {
        using var model = Model().Quantized("w", Sparse).Float("b", new float[128], 128)
            .Node("Gemm", ["x", "w", "b"], "y", (attribute, 0.5f)).Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        Assert.Equal("Gemm", model.Graph.Node[1].OpType);
        Assert.StartsWith("refused: Gemm with alpha or beta other than 1; ", layer.Reason, StringComparison.Ordinal);
        Assert.Equal(KernelName.DenseFp32StoredInt8, layer.Kernel);
    }

    [Fact]
    public void A_Gemm_whose_C_is_a_matrix_is_refused()
    {
        using var model = Model().Quantized("w", Sparse).Float("c", new float[4 * 128], 4, 128).Node("Gemm", ["x", "w", "c"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        Assert.Equal("Gemm", model.Graph.Node[1].OpType);
        Assert.StartsWith("refused: Gemm with a C that is not a constant of one element for each output; ", layer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_MatMul_with_a_batched_weight_is_refused()
    {
        using var model = new ModelBuilder().Input("x", 1, 4, 256).Output("y", 1, 4, 128)
            .Float("w", new Matrix(128, 256, 0.9, 1).Values, 1, 256, 128).Node("MatMul", ["x", "w"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        Assert.Equal("MatMul", model.Graph.Node[0].OpType);
        Assert.StartsWith("refused: the weight does not have 2 dimensions", layer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_MatMul_of_two_activations_is_untouched()
    {
        using var model = new ModelBuilder().Input("x", 4, 4).Output("y", 4, 4).Node("MatMul", ["x", "x"], "y").Build();

        Assert.Empty(ModelLowering.Lower(model, X64));
        Assert.Equal("MatMul", model.Graph.Node[0].OpType);
    }

    [Theory]
    [InlineData(true, @"^refused: block8x1\.float32 \d+\.\d us .*, dense\.fp32 \d+\.\d us")]
    [InlineData(false, "^refused: times unknown")]
    public void A_small_Conv_stays_dense_and_says_what_it_costs_where_shapes_tell(bool known, string reason)
    {
        object size = known ? 8 : "size";
        using var model = new ModelBuilder().Input("x", 1, 16, size, size).Output("y", 1, 32, size, size)
            .Float("w", new Matrix(32, 16, 0.9, 1).Values, 32, 16, 1, 1).Node("Conv", ["x", "w"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        Assert.Matches(reason, layer.Reason);
        Assert.Equal("Conv", model.Graph.Node[0].OpType);
        Assert.Equal(KernelName.DenseFp32, layer.Kernel);
    }

    [Fact]
    public void A_block_sparse_Conv_with_its_normalization_and_Relu_becomes_a_SparseConv_alone()
    {
        var ones = Enumerable.Repeat(1f, 512).ToArray();
        using var model = new ModelBuilder().Input("x", 1, 512, 28, 28).Output("y", 1, 512, 28, 28)
            .Float("w", new Matrix(512, 512, 0.9, 1).Values, 512, 512, 1, 1).Float("s", ones, 512).Float("b", ones, 512).Float("m", ones, 512).Float("v", ones, 512)
            .Node("Conv", ["x", "w"], "c").Node("BatchNormalization", ["c", "s", "b", "m", "v"], "n").Node("Relu", ["n"], "y").Build();

        var layer = Assert.Single(ModelLowering.Lower(model, X64));

        var node = Assert.Single(model.Graph.Node);
        Assert.Equal(("SparseConv", "relu", layer.Kernel), (node.OpType, node.GetText("activation", ""), node.GetText("format", "")));
        Assert.Equal(2, model.Weights.Count);
    }

    [Fact]
    public void Known_input_shapes_override_the_batch_size_hint()
    {
        LoweredLayer Lower(object rows, long hint)
        {
            using var model = new ModelBuilder().Input("x", rows, 256).Output("y", rows, 128)
                .Quantized("w", Unstructured).Node("MatMul", ["x", "w"], "y").Build();
            return Assert.Single(ModelLowering.Lower(model, X64, new LoweringOptions { BatchSize = hint }));
        }

        Assert.Equal(Lower(64, 1).Candidates, Lower(64, 8).Candidates);
        Assert.Equal(Lower(64, 1).Candidates, Lower("n", 64).Candidates);
        Assert.NotEqual(Lower("n", 64).Candidates, Lower("n", 1).Candidates);
    }

    [Fact]
    public void An_initializer_that_is_listed_as_an_input_is_dropped_from_both()
    {
        using var model = Model().Input("w", 256, 128).Dense("w", new Matrix(128, 256, 0.9, 1)).Node("MatMul", ["x", "w"], "y").Build();

        ModelLowering.Lower(model, X64);

        Assert.Equal(["x"], model.Graph.Input.Select(input => input.Name));
    }

    [Fact]
    public void Lowering_twice_gives_the_same_bytes()
    {
        byte[] Lower()
        {
            using var model = Model().Quantized("w", Sparse).Float("b", new float[128], 128)
                .Node("MatMul", ["x", "w"], "h").Node("Add", ["h", "b"], "y").Build();
            ModelLowering.Lower(model, X64);
            using var packed = model.Weights.Values.First(weight => weight.Type == TensorProto.Types.DataType.Uint8).Open();
            return [.. Google.Protobuf.MessageExtensions.ToByteArray(model.Proto), .. packed.Bytes];
        }

        Assert.Equal(Lower(), Lower());
    }
}
