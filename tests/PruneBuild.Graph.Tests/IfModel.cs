using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests;

/// <summary>y = c ? x + w : (x - own) : both branches capture values of the main graph; "own" is an initializer of the branch.</summary>
internal static class IfModel
{
    public static ModelProto Create()
    {
        var then = new GraphProto { Name = "then", Node = { TestModels.Node("Add", ["x2", "w"], "t") } };
        then.Output.Add(TestModels.Value("t", DataType.Float, 4));
        var otherwise = new GraphProto { Name = "else", Node = { TestModels.Node("Sub", ["x2", "own"], "e") } };
        otherwise.Initializer.Add(TestModels.Floats("own", [4], 5, 6, 7, 8));
        otherwise.Output.Add(TestModels.Value("e", DataType.Float, 4));
        var branch = TestModels.Node("If", ["c"], "y");
        branch.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = then });
        branch.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = otherwise });
        var model = TestModels.Model(TestModels.Node("Relu", ["x"], "x2"), branch);
        model.Graph.Input.Add([TestModels.Value("c", DataType.Bool), TestModels.Value("x", DataType.Float, 4)]);
        model.Graph.Output.Add(TestModels.Value("y", DataType.Float, 4));
        model.Graph.Initializer.Add(TestModels.Floats("w", [4], 1, 2, 3, 4));
        return model;
    }
}
