using System.Runtime.InteropServices;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>Weights of a graph that are read from a checkpoint while they are written: memory holds one of them at a time.</summary>
internal static class PartPayload
{
    private const int SliceElements = 1 << 20;

    /// <summary>A matrix as MatMul wants it, [inputs, outputs].</summary>
    public static WeightTensor Matrix(string name, TensorPart part, Checkpoint checkpoint) =>
        Make(name, [part.InputCount, part.OutputCount], stream => WriteMatrix(part, checkpoint, stream));

    /// <summary>A tensor, or the chosen elements of a vector, in the order of the file.</summary>
    public static WeightTensor Values(string name, TensorPart part, Checkpoint checkpoint) =>
        Make(name, part.Outputs is null ? part.Shape : [part.OutputCount], stream => WriteValues(part, checkpoint, stream));

    /// <summary>A table [rows, columns] of numbers that are computed.</summary>
    public static WeightTensor Table(string name, int rows, int columns, Func<int, int, double> value) => Make(name, [rows, columns], stream =>
    {
        var line = new float[columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                line[column] = (float)value(row, column);
            stream.Write(MemoryMarshal.AsBytes(line.AsSpan()));
        }
    });

    /// <summary>Integers.</summary>
    public static WeightTensor Integers(string name, IReadOnlyList<long> shape, params long[] values) =>
        new(Header(name, shape, TensorProto.Types.DataType.Int64), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A scalar.</summary>
    public static WeightTensor Scalar(string name, float value) => new(Header(name, [], TensorProto.Types.DataType.Float), BitConverter.GetBytes(value));

    private static WeightTensor Make(string name, IReadOnlyList<long> shape, Action<Stream> write) =>
        new(Header(name, shape, TensorProto.Types.DataType.Float), ElementTypes.Count(shape)!.Value * sizeof(float), write);

    private static void WriteMatrix(TensorPart part, Checkpoint checkpoint, Stream stream)
    {
        var (inputs, outputs) = (part.InputCount, part.OutputCount);
        if (part.InputsFirst)
        {
            var stored = (int)part.Shape[1];
            var row = new float[stored];
            for (var input = 0; input < inputs; input++)
            {
                checkpoint.Read(part.Tensor, (long)input * stored, row);
                foreach (var (first, count) in part.Outputs ?? [(0, stored)])
                    stream.Write(MemoryMarshal.AsBytes(row.AsSpan(first, count)));
            }
            return;
        }
        var rows = LargeArray.Allocate<float>((long)outputs * inputs);
        var filled = 0;
        foreach (var (first, count) in part.Outputs ?? [(0, outputs)])
        {
            checkpoint.Read(part.Tensor, (long)first * inputs, rows.AsSpan(filled, count * inputs));
            filled += count * inputs;
        }
        Transposition.Write(rows, 1, outputs, inputs, stream);
    }

    private static void WriteValues(TensorPart part, Checkpoint checkpoint, Stream stream)
    {
        foreach (var (first, count) in part.Outputs ?? [])
            Copy(first, count);
        if (part.Outputs is null)
            Copy(0, ElementTypes.Count(part.Shape)!.Value);

        void Copy(long first, long count)
        {
            var slice = new float[Math.Min(SliceElements, count)];
            for (long start = 0; start < count; start += slice.Length)
            {
                var values = slice.AsSpan(0, (int)Math.Min(slice.Length, count - start));
                checkpoint.Read(part.Tensor, first + start, values);
                foreach (ref var value in values)
                    value = (value * part.Factor) + part.Summand;
                stream.Write(MemoryMarshal.AsBytes(values));
            }
        }
    }

    private static TensorProto Header(string name, IReadOnlyList<long> shape, TensorProto.Types.DataType type) =>
        new() { Name = name, DataType = (int)type, Dims = { shape } };
}
