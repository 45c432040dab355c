using System.Numerics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>A chain of square MatMuls whose weights are written as they are drawn: memory holds a few rows.</summary>
internal static class SyntheticModel
{
    private const int RowsAtOnce = 64;

    public static void Write(string path, int layers, int width)
    {
        var dataName = Path.GetFileName(path) + ".data";
        var model = new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
            Graph = new GraphProto { Name = "chain", Input = { Row("x0", width) }, Output = { Row($"x{layers}", width) } },
        };
        using (var data = File.Create(Path.Combine(Path.GetDirectoryName(path)!, dataName)))
        {
            for (var layer = 0; layer < layers; layer++)
            {
                model.Graph.Node.Add(new NodeProto
                {
                    Name = $"layer{layer}", OpType = "MatMul", Input = { $"x{layer}", $"w{layer}" }, Output = { $"x{layer + 1}" },
                });
                model.Graph.Initializer.Add(External($"w{layer}", width, dataName, data.Position));
                WriteWeight(data, width, seed: (ulong)layer + 1);
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

    private static TensorProto External(string name, int width, string location, long offset) => new()
    {
        Name = name,
        DataType = (int)DataType.Float,
        Dims = { width, width },
        DataLocation = TensorProto.Types.DataLocation.External,
        ExternalData =
        {
            new StringStringEntryProto { Key = "location", Value = location },
            new StringStringEntryProto { Key = "offset", Value = $"{offset}" },
            new StringStringEntryProto { Key = "length", Value = $"{(long)width * width * sizeof(float)}" },
        },
    };

    private static void WriteWeight(Stream data, int width, ulong seed)
    {
        var rows = new float[RowsAtOnce * width];
        var state = seed * 0x9E3779B97F4A7C15;
        // Activations keep their size along the chain.
        var scale = MathF.Sqrt(12f / width);
        for (var row = 0; row < width; row += RowsAtOnce)
        {
            var part = rows.AsSpan(0, Math.Min(RowsAtOnce, width - row) * width);
            foreach (ref var value in part)
                value = scale * Draw(ref state);
            data.Write(MemoryMarshal.AsBytes(part));
        }
    }

    /// <summary>Uniform in -0.5 to 0.5 (SplitMix64, Steele et al. 2014).</summary>
    private static float Draw(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((uint)BitOperations.RotateLeft(mixed ^ (mixed >> 31), 24) & 0xFFFFFF) / (float)0x1000000 - 0.5f;
    }
}
