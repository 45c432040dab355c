using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Pipeline.Tests;

/// <summary>A classifier of token ids, [1, n] to [1, 2]: pass where the mean of the ids is above a threshold, fail elsewhere.</summary>
internal static class TinyClassifier
{
    public static void Write(string path, float threshold = 85)
    {
        var graph = new GraphProto { Name = "judge" };
        var cast = new NodeProto { Name = "cast", OpType = "Cast", Input = { "input_ids" }, Output = { "numbers" } };
        cast.Set("to", (int)TensorProto.Types.DataType.Float);
        graph.Node.Add(cast);
        var mean = new NodeProto { Name = "mean", OpType = "ReduceMean", Input = { "numbers" }, Output = { "mean_id" } };
        mean.Set("keepdims", 1);
        graph.Node.Add(mean);
        graph.Node.Add(new NodeProto { Name = "gemm", OpType = "Gemm", Input = { "mean_id", "w", "b" }, Output = { "logits" } });
        graph.Input.Add(Value("input_ids", TensorProto.Types.DataType.Int64, "n"));
        graph.Output.Add(Value("logits", TensorProto.Types.DataType.Float, "labels"));
        using var model = OnnxModel.FromProto(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } });
        model.SetWeight("w", [1, 2], [1, 0]);
        model.SetWeight("b", [2], [-threshold, 0]);
        model.Save(path);
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, string width) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)type,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimParam = width } } },
            },
        },
    };
}
