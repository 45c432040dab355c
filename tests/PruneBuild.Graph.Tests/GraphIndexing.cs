using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Tests;

public sealed class GraphIndexing
{
    [Fact]
    public void Producers_and_uses_are_those_of_the_nodes()
    {
        var split = TestModels.Node("Split", ["x"], "a", "", "b");
        var add = TestModels.Node("Add", ["a", "a"], "c");
        var clip = TestModels.Node("Clip", ["b", "", "max"], "y");
        var index = new GraphIndex(TestModels.Model(split, add, clip).Graph);

        Assert.Same(split, index.Producer("b"));
        Assert.Null(index.Producer("x"));
        Assert.Null(index.Producer(""));
        Assert.Equal([new ValueUse(add, 0), new ValueUse(add, 1)], index.Uses("a"));
        Assert.Equal([new ValueUse(clip, 2)], index.Uses("max"));
        Assert.Empty(index.Uses(""));
        Assert.Empty(index.Uses("c"));
    }

    [Fact]
    public void A_value_captured_by_a_subgraph_is_used_by_the_node_that_holds_it()
    {
        var model = IfModel.Create();
        var branch = model.Graph.Node[1];

        var index = new GraphIndex(model.Graph);

        Assert.Equal([new ValueUse(branch, -1)], index.Uses("w"));
        Assert.Equal([new ValueUse(branch, -1), new ValueUse(branch, -1)], index.Uses("x2"));
        Assert.Equal([new ValueUse(branch, 0)], index.Uses("c"));
        Assert.Null(index.OnlyConsumer("w"));
    }

    [Fact]
    public void A_value_that_a_subgraph_returns_as_it_is_counts_as_used()
    {
        var model = IfModel.Create();
        model.Graph.Node[1].Attribute[0].G.Output[0].Name = "w2";

        Assert.Equal([new ValueUse(model.Graph.Node[1], -1)], new GraphIndex(model.Graph).Uses("w2"));
    }

    [Fact]
    public void Captures_are_found_two_levels_deep()
    {
        var model = IfModel.Create();
        var inner = IfModel.Create().Graph.Node[1];
        inner.Attribute[0].G.Node[0].Input[1] = "deep";
        model.Graph.Node[1].Attribute[1].G.Node.Add(inner);

        Assert.Equal([new ValueUse(model.Graph.Node[1], -1)], new GraphIndex(model.Graph).Uses("deep"));
    }

    [Fact]
    public void An_only_consumer_is_one_node_of_a_value_that_the_graph_does_not_return()
    {
        var relu = TestModels.Node("Relu", ["a"], "b");
        var exp = TestModels.Node("Exp", ["b"], "y");
        var log = TestModels.Node("Log", ["y"], "z");
        var model = TestModels.Model(relu, exp, log);
        model.Graph.Output.Add(TestModels.Value("y", TensorProto.Types.DataType.Float, 1));

        var index = new GraphIndex(model.Graph);

        Assert.Same(exp, index.OnlyConsumer("b"));
        Assert.True(index.IsOutput("y"));
        Assert.Null(index.OnlyConsumer("y"));
        Assert.Null(index.OnlyConsumer("z"));
    }
}
