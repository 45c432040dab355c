using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PruneBuild.Graph.Tests;

/// <summary>What ONNX Runtime computes with a model file, on seeded inputs, as raw bytes.</summary>
internal static class OnnxRuntimeOracle
{
    public static Dictionary<string, byte[]> Run(string path, int seed)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(path, options);
        var random = new Random(seed);
        var inputs = session.InputMetadata
            .OrderBy(input => input.Key, StringComparer.Ordinal)
            .Select(input => Input(input.Key, input.Value, random))
            .ToList();
        using var results = session.Run(inputs);
        return results.ToDictionary(result => result.Name, Bytes);
    }

    private static NamedOnnxValue Input(string name, NodeMetadata metadata, Random random)
    {
        // A free dimension gets a size that is not 1, so that broadcasting cannot hide a mistake.
        var shape = metadata.Dimensions.Select(dimension => dimension > 0 ? dimension : 3).ToArray();
        var count = shape.Aggregate(1, (product, dimension) => product * dimension);
        return metadata.ElementDataType switch
        {
            TensorElementType.Float => Value(() => random.NextSingle() * 2 - 1),
            TensorElementType.Int64 => Value(() => (long)random.Next(256)),
            TensorElementType.Int32 => Value(() => random.Next(256)),
            TensorElementType.Bool => Value(() => random.Next(2) == 1),
            var type => throw new NotSupportedException($"Input '{name}' is {type}."),
        };

        NamedOnnxValue Value<T>(Func<T> draw) => NamedOnnxValue.CreateFromTensor(
            name, new DenseTensor<T>(Enumerable.Range(0, count).Select(_ => draw()).ToArray(), shape));
    }

    private static byte[] Bytes(DisposableNamedOnnxValue value) => value.ElementType switch
    {
        TensorElementType.Float => Raw(value.AsTensor<float>()),
        TensorElementType.Int64 => Raw(value.AsTensor<long>()),
        TensorElementType.Int32 => Raw(value.AsTensor<int>()),
        TensorElementType.Bool => Raw(value.AsTensor<bool>()),
        var type => throw new NotSupportedException($"Output '{value.Name}' is {type}."),
    };

    private static byte[] Raw<T>(Tensor<T> tensor) where T : unmanaged =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(tensor.ToArray().AsSpan()).ToArray();
}
