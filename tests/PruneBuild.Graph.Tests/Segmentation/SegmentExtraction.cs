using Microsoft.ML.OnnxRuntime;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Segmentation;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests.Segmentation;

public sealed class SegmentExtraction : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>y = (x A + x) Identity(B); each weight is 16 by 16.</summary>
    private static OnnxModel Model()
    {
        var proto = TestModels.Model(
            TestModels.Node("MatMul", ["x", "a"], "p"), TestModels.Node("Add", ["p", "x"], "q"),
            TestModels.Node("Identity", ["b"], "c"), TestModels.Node("MatMul", ["q", "c"], "y"));
        proto.Graph.Input.Add(TestModels.Value("x", DataType.Float, 2, 16));
        proto.Graph.Output.Add(TestModels.Value("y", DataType.Float, 2, 16));
        proto.Graph.Initializer.Add(TestModels.Floats("a", [16, 16], [.. Enumerable.Range(0, 256).Select(index => index % 7 / 7f)]));
        proto.Graph.Initializer.Add(TestModels.Floats("b", [16, 16], [.. Enumerable.Range(0, 256).Select(index => index % 5 / 5f)]));
        return OnnxModel.FromProto(proto);
    }

    private float[] Run(string path, string output, params (string Name, float[] Data)[] inputs)
    {
        using var session = new InferenceSession(path);
        using var options = new RunOptions();
        var values = inputs.ToDictionary(input => input.Name, input => OrtValue.CreateTensorValueFromMemory(input.Data, [2, 16]));
        using var results = session.Run(options, values, [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    [Fact]
    public void Segments_run_one_after_the_other_compute_what_the_model_computes()
    {
        using var model = Model();
        var flow = new DataFlow(model);
        var first = flow.Between(value => value == "x", ["q"]);
        var second = flow.Between(value => value is "x" or "q", ["y"]);
        Assert.Equal(["x"], first.Inputs);
        Assert.Equal(["q"], second.Inputs);
        Assert.Equal(["Identity", "MatMul"], second.Nodes.Select(node => node.OpType));
        var paths = new[] { "whole", "first", "second" }.Select(name => Path.Combine(folder, name + ".onnx")).ToArray();
        model.Save(paths[0]);
        SegmentModel.Save(model, first, [TestModels.Value("x", DataType.Float, 2, 16)], paths[1]);
        SegmentModel.Save(model, second, [TestModels.Value("q", DataType.Float, 2, 16)], paths[2]);
        var x = Enumerable.Range(0, 32).Select(index => index / 32f).ToArray();
        Assert.Equal(Run(paths[0], "y", ("x", x)), Run(paths[2], "y", ("q", Run(paths[1], "q", ("x", x)))));
        // Of the two weights of 1 KiB, each has its own.
        Assert.Equal((1024, 1024), (new FileInfo(paths[1] + ".data").Length, new FileInfo(paths[2] + ".data").Length));
    }

    [Fact]
    public void A_value_that_a_subgraph_captures_is_an_input_of_the_segment()
    {
        var branch = new GraphProto { Name = "branch", Node = { TestModels.Node("Relu", ["p"], "r") }, Output = { new ValueInfoProto { Name = "r" } } };
        var choice = TestModels.Node("If", ["condition"], "y");
        foreach (var name in new[] { "then_branch", "else_branch" })
            choice.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = branch.Clone() });
        var proto = TestModels.Model(TestModels.Node("Abs", ["x"], "p"), choice);
        proto.Graph.Input.Add([TestModels.Value("x", DataType.Float, 2), TestModels.Value("condition", DataType.Bool)]);
        proto.Graph.Output.Add(TestModels.Value("y", DataType.Float, 2));
        using var model = OnnxModel.FromProto(proto);
        var segment = new DataFlow(model).Between(value => value is "p" or "condition", ["y"]);
        Assert.Equal(["condition", "p"], segment.Inputs.Order());
        Assert.Single(segment.Nodes);
    }

    [Fact]
    public void Nodes_in_any_order_are_run_after_what_they_read_and_a_cycle_is_refused()
    {
        var proto = TestModels.Model(TestModels.Node("Abs", ["q"], "y"), TestModels.Node("Neg", ["x"], "q"));
        proto.Graph.Input.Add(TestModels.Value("x", DataType.Float, 2));
        proto.Graph.Output.Add(TestModels.Value("y", DataType.Float, 2));
        using (var model = OnnxModel.FromProto(proto))
            Assert.Equal(["Neg", "Abs"], new DataFlow(model).Nodes.Select(node => node.OpType));
        proto.Graph.Node[1].Input[0] = "y";
        using var cyclic = OnnxModel.FromProto(proto);
        Assert.Throws<ArgumentException>(() => new DataFlow(cyclic));
    }

    [Fact]
    public void A_snapshot_does_not_see_later_edits()
    {
        using var model = Model();
        var snapshot = model.Snapshot();
        model.SetWeight("a", [16, 16], new float[256]);
        model.Graph.Node.RemoveAt(0);
        Assert.Equal(1 / 7f, snapshot.Weights["a"].ReadSingles()[1]);
        Assert.Equal(4, snapshot.Graph.Node.Count);
    }
}
