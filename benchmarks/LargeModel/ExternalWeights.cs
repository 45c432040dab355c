using System.Numerics;
using System.Runtime.InteropServices;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>Random weights in a file beside a model, written as they are drawn: memory holds a few rows.</summary>
internal sealed class ExternalWeights(string modelPath) : IDisposable
{
    private const int RowsAtOnce = 64;

    private readonly FileStream data = File.Create(modelPath + ".data");
    private ulong seed;

    /// <summary>A matrix whose products keep the size of what they are applied to.</summary>
    public TensorProto Matrix(string name, int rows, int columns)
    {
        var offset = data.Position;
        Write(rows, columns, ++seed);
        return new TensorProto
        {
            Name = name,
            DataType = (int)DataType.Float,
            Dims = { rows, columns },
            DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData =
            {
                new StringStringEntryProto { Key = "location", Value = Path.GetFileName(modelPath) + ".data" },
                new StringStringEntryProto { Key = "offset", Value = $"{offset}" },
                new StringStringEntryProto { Key = "length", Value = $"{(long)rows * columns * sizeof(float)}" },
            },
        };
    }

    public void Dispose() => data.Dispose();

    private void Write(int rows, int columns, ulong start)
    {
        var buffer = new float[RowsAtOnce * columns];
        var state = start * 0x9E3779B97F4A7C15;
        var scale = MathF.Sqrt(12f / rows);
        for (var row = 0; row < rows; row += RowsAtOnce)
        {
            var part = buffer.AsSpan(0, Math.Min(RowsAtOnce, rows - row) * columns);
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
