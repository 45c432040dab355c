using Google.Protobuf;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>A chain of square MatMuls.</summary>
internal static class SyntheticModel
{
    public static void Write(string path, int layers, int width)
    {
        var model = new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
            Graph = new GraphProto { Name = "chain", Input = { Row("x0", width) }, Output = { Row($"x{layers}", width) } },
        };
        using (var weights = new ExternalWeights(path))
        {
            for (var layer = 0; layer < layers; layer++)
            {
                model.Graph.Node.Add(new NodeProto
                {
                    Name = $"layer{layer}", OpType = "MatMul", Input = { $"x{layer}", $"w{layer}" }, Output = { $"x{layer + 1}" },
                });
                model.Graph.Initializer.Add(weights.Matrix($"w{layer}", width, width));
            }
        }
        File.WriteAllBytes(path, model.ToByteArray());
    }

    private static ValueInfoProto Row(string name, int width) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)DataType.Float,
                Shape = new TensorShapeProto
                {
                    Dim = { new TensorShapeProto.Types.Dimension { DimParam = "rows" }, new TensorShapeProto.Types.Dimension { DimValue = width } },
                },
            },
        },
    };
}
