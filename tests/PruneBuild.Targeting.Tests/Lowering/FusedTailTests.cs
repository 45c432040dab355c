using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

/// <summary>What follows a MatMul becomes part of its node exactly where the results stay those of ONNX Runtime.</summary>
public sealed class FusedTailTests
{
    private const int Width = 64;
    private static readonly Matrix Weight = new(Width, Width, blockSparsity: 0.5, blockInputs: 1);
    private static readonly float[] X = LoweredRun.Random(5 * Width);

    private static ModelBuilder Model() => new ModelBuilder().Input("x", "n", Width).Output("y", "n", Width)
        .Dense("w", Weight).Float("b", LoweredRun.Random(Width, 3), Width).Float("half", [0.5f]).Float("one", [1f]).Float("root", [1.4142135f]).Float("inverse", [0.70710677f])
        .Float("zero", [0f]).Float("six", [6f]).Node("MatMul", ["x", "w"], "m").Node("Add", ["m", "b"], "h");

    public static TheoryData<string, string[]> Activations => new()
    {
        { "relu", ["Relu h > y"] },
        { "relu6", ["Clip h zero six > y"] },
        { "sigmoid", ["Sigmoid h > y"] },
        { "tanh", ["Tanh h > y"] },
        { "silu", ["Sigmoid h > s", "Mul h s > y"] },
        { "silu", ["Sigmoid h > s", "Mul s h > y"] },
        { "gelu", ["Div h root > d", "Erf d > e", "Add e one > a", "Mul h a > p", "Mul p half > y"] },
        { "gelu", ["Mul h inverse > d", "Erf d > e", "Add one e > a", "Mul half h > p", "Mul p a > y"] },
        { "gelu", ["Div h root > d", "Erf d > e", "Add e one > a", "Mul a half > p", "Mul h p > y"] },
        { "gelu", ["com.microsoft.Gelu h > y"] },
        { "gelu_tanh", ["com.microsoft.FastGelu h > y"] },
    };

    [Theory]
    [MemberData(nameof(Activations))]
    public void An_activation_becomes_part_of_the_node(string activation, string[] nodes)
    {
        using var model = Add(Model(), nodes).Build();
        var expected = LoweredRun.Run(model, "y", X, 5, Width);
        Lower(model);
        var node = Assert.Single(model.Graph.Node);
        Assert.Equal(activation, node.GetText("activation", ""));
        AssertClose(expected, LoweredRun.Run(model, "y", X, 5, Width));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void The_Gelu_of_opset_20_is_known_in_both_forms(string approximate)
    {
        using var model = Model().Opset(20).Node("Gelu", ["h"], "y", ("approximate", approximate)).Build();
        var expected = LoweredRun.Run(model, "y", X, 5, Width);
        Lower(model);
        Assert.Single(model.Graph.Node);
        AssertClose(expected, LoweredRun.Run(model, "y", X, 5, Width));
    }

    [Theory]
    [InlineData("Clip h one six > y")]
    [InlineData("Sigmoid h > s", "Mul s s > y")]
    [InlineData("Sigmoid h > s", "Add h s > y")]
    [InlineData("Div h root > d", "Erf d > e", "Add e one > a", "Mul h a > p", "Mul p six > y")]
    [InlineData("Div h half > d", "Erf d > e", "Add e one > a", "Mul h a > p", "Mul p half > y")]
    [InlineData("Div h root > d", "Erf d > e", "Add e half > a", "Mul h a > p", "Mul p half > y")]
    [InlineData("Relu h > r", "Add r h > y")]
    public void What_only_looks_like_an_activation_stays(params string[] nodes)
    {
        using var model = Add(Model(), nodes).Build();
        var expected = LoweredRun.Run(model, "y", X, 5, Width);
        Lower(model);
        Assert.Contains(model.Graph.Node, node => node.GetText("activation", "") is "none" or "sigmoid");
        AssertClose(expected, LoweredRun.Run(model, "y", X, 5, Width));
    }

    [Theory]
    [InlineData("Relu x > r", "Add h r > y")]
    [InlineData("Relu x > r", "Add r h > s", "Relu s > y")]
    [InlineData("Add h x > s", "Sigmoid s > t", "Mul s t > y")]
    public void A_residual_of_the_same_shape_becomes_an_input_of_the_node(params string[] nodes)
    {
        using var model = Add(Model(), nodes).Build();
        var expected = LoweredRun.Run(model, "y", X, 5, Width);
        Lower(model);
        var node = Assert.Single(model.Graph.Node, node => node.OpType == "SparseMatMul");
        Assert.Equal(4, node.Input.Count);
        Assert.Equal("y", node.Output[0]);
        AssertClose(expected, LoweredRun.Run(model, "y", X, 5, Width));
    }

    [Fact]
    public void A_residual_without_a_bias_leaves_its_place_empty()
    {
        using var model = Add(new ModelBuilder().Input("x", "n", Width).Output("y", "n", Width).Dense("w", Weight).Node("MatMul", ["x", "w"], "h"), "Add x h > y").Build();
        var expected = LoweredRun.Run(model, "y", X, 5, Width);
        Lower(model);
        Assert.Equal(["x", "w.block8x1.float32", "", "x"], Assert.Single(model.Graph.Node).Input);
        AssertClose(expected, LoweredRun.Run(model, "y", X, 5, Width));
    }

    [Fact]
    public void An_operand_that_may_broadcast_stays_an_Add()
    {
        using var model = Add(Model().Input("r", "m", Width), "Add h r > y").Build();
        Lower(model);
        Assert.Equal(["SparseMatMul", "Add"], model.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void A_sum_that_is_normalized_stays_for_the_fusion_of_ONNX_Runtime()
    {
        using var model = Model().Float("scale", LoweredRun.Random(Width, 4), Width)
            .Node("Add", ["h", "x"], "s").Node("LayerNormalization", ["s", "scale", "b"], "y").Build();
        Lower(model);
        Assert.Equal(["SparseMatMul", "Add", "LayerNormalization"], model.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void A_node_with_a_residual_stands_behind_what_makes_the_residual()
    {
        using var model = Add(Model(), "Sigmoid x > t", "Tanh t > r", "Add h r > s", "Relu s > y").Build();
        var expected = LoweredRun.Run(model, "y", X, 5, Width);
        Lower(model);
        Assert.Equal(["Sigmoid", "Tanh", "SparseMatMul"], model.Graph.Node.Select(node => node.OpType));
        AssertClose(expected, LoweredRun.Run(model, "y", X, 5, Width));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_rounding_took_from_the_mean_is_added_to_the_bias(bool hasBias)
    {
        ModelBuilder Layer() => new ModelBuilder().Input("x", "n", Width).Output("y", "n", Width).Dense("w", Weight).Float("b", LoweredRun.Random(Width, 3), Width);
        OnnxModel Built() => (hasBias ? Add(Layer(), "MatMul x w > p", "Add p b > y") : Add(Layer(), "MatMul x w > y")).Build();
        double[] shift = [.. Enumerable.Range(0, Width).Select(output => output / 4.0)];
        using var dense = Built();
        using var model = Built();
        Lower(model, shift);
        Assert.Equal(["SparseMatMul"], model.Graph.Node.Select(node => node.OpType));
        float[] expected = [.. LoweredRun.Run(dense, "y", X, 5, Width).Select((value, index) => value + (float)shift[index % Width])];
        AssertClose(expected, LoweredRun.Run(model, "y", X, 5, Width));
    }

    /// <summary>Nodes written as "Op input... > output".</summary>
    internal static ModelBuilder Add(ModelBuilder builder, params string[] nodes)
    {
        foreach (var node in nodes)
        {
            var words = node.Split(' ');
            builder.Node(words[0], words[1..^2], words[^1]);
        }

        return builder;
    }

    private static void Lower(OnnxModel model, double[]? shift = null)
    {
        var writer = new LinearNodeWriter(model);
        foreach (var site in WeightSites.Find(model))
        {
            var (pattern, obstacle) = LinearPattern.Match(model, new GraphIndex(model.Graph), site);
            Assert.Null(obstacle);
            writer.WriteSparse(pattern!, Block8x1Float32.FormatName, () => new PackedLayer(
                Block8x1Float32.Format.Pack(WeightMatrix.FromSingles(site.ReadMatrix(model), site.Outputs, site.Inputs)), null) { BiasShift = shift });
        }

        UnusedParts.Remove(model);
    }

    private static void AssertClose(float[] expected, float[] actual) => Assert.InRange(LoweredRun.RelativeError(expected, actual), 0, 1e-5);
}
