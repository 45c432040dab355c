using PruneBuild.Graph;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Tests.HuggingFace;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>Attention and normalizations of imported language models become other operators, and the logits stay.</summary>
public sealed class DecoderLoweringTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("prunebuild-test-");

    public static TheoryData<string> Variants => [.. TinyCheckpoint.Variants];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_architecture_writes_what_it_wrote_before(string variant)
    {
        using var model = Import(variant);
        var lines = Lower(model, AttentionOperator.PruneBuild);
        Assert.Equal(["attention: 2 of 2 are PruneBuild's"], lines);
        Assert.Equal(2, Attentions(model).Count(node => node.Domain == "prunebuild"));
        using var before = new DecoderSession(Path.Combine(folder.FullName, "model.onnx"));
        using var after = new DecoderSession(Save(model), SparseOperators.Register);
        foreach (var tokens in new long[][] { [1, 7, 3, 12, 30], [4], [9], [2, 2, 8], [11] })
            Assert.All(before.Feed(tokens).Zip(after.Feed(tokens)), rows => Assert.All(rows.First.Zip(rows.Second), pair => Assert.Equal(pair.First, pair.Second, 1e-4)));
    }

    [Fact]
    public void Sums_and_their_root_mean_square_normalizations_are_one_operator()
    {
        using var model = Import("llama");
        Lower(model, AttentionOperator.OnnxRuntime);
        // Two layers of two sums; the first normalization is of the embedding.
        Assert.Equal(4, model.Graph.Node.Count(node => node.OpType == "SkipSimplifiedLayerNormalization"));
        Assert.Equal(1, model.Graph.Node.Count(node => node.OpType == "SimplifiedLayerNormalization"));
        Assert.DoesNotContain(model.Graph.Node, node => node.OpType == "Add");
    }

    [Fact]
    public void A_sum_whose_operands_may_differ_in_shape_stays()
    {
        using var model = new ModelBuilder().Input("x", "n", 8).Input("y", "m", 8).Output("z", "n", 8).Float("g", LoweredRun.Random(8), 8)
            .Node("Add", ["x", "y"], "s").Node("SimplifiedLayerNormalization", ["s", "g"], "z").Build();
        ModelLowering.Lower(model, DeviceCatalogue.FindToPlan("linux-x64", null));
        Assert.Equal(["Add", "SimplifiedLayerNormalization"], model.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void A_sum_stays_where_the_scale_of_its_normalization_is_no_list_of_weights()
    {
        using var wide = new ModelBuilder().Input("x", 3, 8).Output("z", 3, 8).Float("g", LoweredRun.Random(8), 1, 8)
            .Node("Relu", ["x"], "y").Node("Add", ["x", "y"], "s").Node("SimplifiedLayerNormalization", ["s", "g"], "z").Build();
        using var computed = new ModelBuilder().Input("x", 3, 8).Output("z", 3, 8).Float("h", LoweredRun.Random(8), 8)
            .Node("Relu", ["x"], "y").Node("Add", ["x", "y"], "s").Node("Tanh", ["h"], "g").Node("SimplifiedLayerNormalization", ["s", "g"], "z").Build();
        foreach (var model in new[] { wide, computed })
        {
            ModelLowering.Lower(model, DeviceCatalogue.FindToPlan("linux-x64", null));
            Assert.Contains(model.Graph.Node, node => node.OpType == "Add");
        }
    }

    [Fact]
    public void A_sum_that_others_read_before_the_normalization_is_there_in_time()
    {
        using var model = new ModelBuilder().Input("x", 3, 8).Output("z", 3, 8).Output("t", 3, 8).Float("g", LoweredRun.Random(8), 8)
            .Node("Relu", ["x"], "y").Node("Add", ["x", "y"], "s").Node("Tanh", ["s"], "t").Node("SimplifiedLayerNormalization", ["s", "g"], "z").Build();
        var x = LoweredRun.Random(24);
        var (normalized, bent) = (LoweredRun.Run(model, "z", x, 3, 8), LoweredRun.Run(model, "t", x, 3, 8));
        ModelLowering.Lower(model, DeviceCatalogue.FindToPlan("linux-x64", null));
        Assert.Equal(["Relu", "SkipSimplifiedLayerNormalization", "Tanh"], model.Graph.Node.Select(node => node.OpType));
        Assert.All(normalized.Zip(LoweredRun.Run(model, "z", x, 3, 8)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal(bent, LoweredRun.Run(model, "t", x, 3, 8));
    }

    [Fact]
    public void Without_a_sparse_layer_attention_stays_that_of_every_runtime()
    {
        using var model = Import("llama");
        Assert.Contains("opens without its runtime", Assert.Single(AttentionLowering.Lower(model, AttentionOperator.Auto)));
        Assert.DoesNotContain(model.Graph.Node, node => node.Domain == "prunebuild");
    }

    [Fact]
    public void Beside_a_sparse_layer_attention_is_of_the_same_runtime()
    {
        using var model = Import("llama");
        model.Graph.Node.Add(new NodeProto { OpType = "SparseMatMul", Domain = "prunebuild" });
        Assert.Equal(["attention: 2 of 2 are PruneBuild's"], AttentionLowering.Lower(model, AttentionOperator.Auto));
    }

    [Fact]
    public void Heads_that_share_no_keys_have_the_attention_that_is_faster_for_them()
    {
        using var model = Import("gpt2");
        model.Graph.Node.Add(new NodeProto { OpType = "SparseMatMul", Domain = "prunebuild" });
        var lines = AttentionLowering.Lower(model, AttentionOperator.Auto);
        Assert.Equal("attention: 0 of 2 are PruneBuild's", lines[0]);
        Assert.Contains("keys of its own", lines[1]);
    }

    [Fact]
    public void A_recipe_can_keep_the_attention_of_ONNX_Runtime()
    {
        using var model = Import("llama");
        Assert.Contains("as the recipe asks", Assert.Single(AttentionLowering.Lower(model, AttentionOperator.OnnxRuntime)));
        Assert.All(Attentions(model), node => Assert.Equal("com.microsoft", node.Domain));
    }

    [Fact]
    public void What_the_operator_does_not_do_is_refused_node_by_node()
    {
        using var model = Import("llama");
        Attentions(model)[0].Set("smooth_softmax", 1);
        var lines = AttentionLowering.Lower(model, AttentionOperator.PruneBuild);
        Assert.Equal("attention: 1 of 2 are PruneBuild's", lines[0]);
        Assert.Contains("smooth_softmax is not supported", lines[1]);
        Assert.Equal(["com.microsoft", "prunebuild"], Attentions(model).Select(node => node.Domain));
    }

    [Fact]
    public void Attention_that_keeps_no_cache_is_refused()
    {
        using var model = Import("llama");
        Attentions(model)[1].Output.RemoveAt(2);
        Assert.Contains("its outputs are not", AttentionLowering.Lower(model, AttentionOperator.PruneBuild)[1]);
    }

    [Theory]
    [InlineData(6, "no kernel for heads of 6 features")]
    [InlineData(516, "no kernel for heads of 516 features")]
    public void Heads_without_a_kernel_are_refused(int size, string reason)
    {
        using var model = Import("llama");
        foreach (var past in model.Graph.Input.Where(input => input.Name.StartsWith("past", StringComparison.Ordinal)))
            past.Type.TensorType.Shape.Dim[3].DimValue = size;
        Assert.Contains(reason, AttentionLowering.Lower(model, AttentionOperator.PruneBuild)[1]);
    }

    [Fact]
    public void A_cache_of_half_precision_is_refused()
    {
        using var model = Import("llama");
        foreach (var past in model.Graph.Input.Where(input => input.Name.StartsWith("past", StringComparison.Ordinal)))
            past.Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Float16;
        Assert.Contains("not float32", AttentionLowering.Lower(model, AttentionOperator.PruneBuild)[1]);
    }

    [Fact]
    public void A_model_without_attention_says_nothing()
    {
        using var model = new ModelBuilder().Input("x", 3, 8).Output("y", 3, 8).Node("Relu", ["x"], "y").Build();
        Assert.Empty(AttentionLowering.Lower(model, AttentionOperator.PruneBuild));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private OnnxModel Import(string variant)
    {
        var source = folder.CreateSubdirectory("source").FullName;
        TinyCheckpoint.Of(variant).Write(source);
        using (var checkpoint = HuggingFaceModel.Open(source))
            checkpoint.Import(folder.FullName);
        return OnnxModel.Load(Path.Combine(folder.FullName, "model.onnx"));
    }

    private static IReadOnlyList<string> Lower(OnnxModel model, AttentionOperator choice)
    {
        ModelLowering.Lower(model, DeviceCatalogue.FindToPlan("linux-x64", null));
        return AttentionLowering.Lower(model, choice);
    }

    private string Save(OnnxModel model)
    {
        var path = Path.Combine(folder.FullName, "lowered.onnx");
        model.Save(path);
        return path;
    }

    private static List<NodeProto> Attentions(OnnxModel model) => [.. model.Graph.Node.Where(node => node.OpType == "GroupQueryAttention")];
}
