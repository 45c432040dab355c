using PruneBuild.Graph;

namespace PruneBuild.Compression.Redistribution;

/// <summary>Linear maps along an axis of a matrix or vector.</summary>
internal static class AxisMap
{
    /// <summary>Replaces the run x of <paramref name="size"/> elements from <paramref name="first"/> on, along an axis, by A x.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="tensor">A float initializer.</param>
    /// <param name="axis">From 0.</param>
    /// <param name="first">Where the run begins.</param>
    /// <param name="map">A, [size, size] row-major.</param>
    /// <param name="size">Elements of the run.</param>
    public static void Apply(OnnxModel model, string tensor, int axis, int first, double[] map, int size) => ForEachLine(model, tensor, axis, (values, start, stride) =>
    {
        var line = new double[size];
        for (var element = 0; element < size; element++)
            line[element] = values[start + ((first + element) * stride)];
        for (var element = 0; element < size; element++)
            values[start + ((first + element) * stride)] = (float)System.Numerics.Tensors.TensorPrimitives.Dot(map.AsSpan(element * size, size), line);
    });

    /// <summary>Multiplies every element by the factor of its place along an axis.</summary>
    public static void Scale(OnnxModel model, string tensor, int axis, double[] factors) => ForEachLine(model, tensor, axis, (values, start, stride) =>
    {
        for (var element = 0; element < factors.Length; element++)
            values[start + (element * stride)] = (float)(values[start + (element * stride)] * factors[element]);
    });

    /// <summary>A block-diagonal map.</summary>
    /// <param name="blocks">Each [size, size].</param>
    /// <param name="size">Of a block.</param>
    public static double[] Diagonal(IReadOnlyList<double[]> blocks, int size)
    {
        var whole = blocks.Count * size;
        var map = new double[(long)whole * whole];
        for (var block = 0; block < blocks.Count; block++)
            for (var row = 0; row < size; row++)
                blocks[block].AsSpan(row * size, size).CopyTo(map.AsSpan((((block * size) + row) * whole) + (block * size), size));
        return map;
    }

    private static void ForEachLine(OnnxModel model, string tensor, int axis, Action<float[], int, int> edit)
    {
        var weight = model.Weights[tensor];
        var values = weight.ReadSingles();
        var stride = (int)weight.Shape.Skip(axis + 1).Aggregate(1L, (product, size) => product * size);
        var length = (int)weight.Shape[axis] * stride;
        for (var block = 0; block < values.Length; block += length)
            for (var line = block; line < block + stride; line++)
                edit(values, line, stride);
        model.SetWeight(tensor, [.. weight.Shape], values);
    }
}
