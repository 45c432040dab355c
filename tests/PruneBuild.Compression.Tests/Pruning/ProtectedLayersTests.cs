using PruneBuild.Compression.Pruning;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Tests.Pruning;

/// <summary>Which layers stay dense without being named.</summary>
public sealed class ProtectedLayersTests
{
    private const int Size = 8;

    [Fact]
    public void A_router_stays_dense_and_its_experts_do_not()
    {
        using var model = Mixture();
        var reports = ModelPruner.Prune(model, new PruneOptions()).ToDictionary(report => report.Name);
        Assert.Equal(("dense", "a router of experts is protected"), (reports["scores_node"].Pattern, reports["scores_node"].Reason));
        Assert.Equal((0.5, null), (reports["expert_node"].Sparsity, reports["expert_node"].Reason));
    }

    [Fact]
    public void A_recipe_that_names_the_router_prunes_it()
    {
        using var model = Mixture();
        var reports = ModelPruner.Prune(model, new PruneOptions { PerLayer = [new LayerOverride("scores*", Sparsity: 0.25)] });
        Assert.Equal(0.25, reports.Single(report => report.Name == "scores_node").Sparsity);
    }

    [Fact]
    public void An_embedding_that_is_the_output_projection_as_well_stays_dense()
    {
        using var model = TestModels.Model(
            [TestModels.Node("Gather", ["table", "ids"], "e"), TestModels.Node("MatMul", ["e", "w"], "h"), TestModels.Node("Gemm", ["h", "table"], "y", ("transB", 1L))],
            [("x", [1])], ["y"],
            [("table", [Size, Size], TestModels.Random(1, Size * Size)), ("w", [Size, Size], TestModels.Random(2, Size * Size))]);
        model.SetWeight("ids", Graph.Onnx.TensorProto.Types.DataType.Int64, [2], new byte[16]);
        var reports = ModelPruner.Prune(model, new PruneOptions()).ToDictionary(report => report.Name);
        Assert.Contains("also used by Gather", reports["y_node"].Reason, StringComparison.Ordinal);
        Assert.Equal(0.5, reports["h_node"].Sparsity);
    }

    /// <summary>Softmax scores choose one of a few experts; here the choice is returned and one expert computed.</summary>
    private static OnnxModel Mixture()
    {
        var choice = TestModels.Node("TopK", ["p", "one"], "best", ("axis", -1L));
        choice.Output.Add("which");
        var model = TestModels.Model(
            [
                TestModels.Node("MatMul", ["x", "router"], "scores"), TestModels.Node("Softmax", ["scores"], "p"), choice,
                TestModels.Node("MatMul", ["x", "w"], "expert"), TestModels.Node("Mul", ["expert", "best"], "y"),
            ],
            [("x", [-1, Size])], ["y", "which"],
            [("router", [Size, 4], TestModels.Random(1, Size * 4)), ("w", [Size, Size], TestModels.Random(2, Size * Size))]);
        model.SetWeight("one", Graph.Onnx.TensorProto.Types.DataType.Int64, [1], [1, 0, 0, 0, 0, 0, 0, 0]);
        return model;
    }
}
