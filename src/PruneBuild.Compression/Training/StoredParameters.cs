using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>Initializers trained as they are. The zeros of matrices and kernels are the mask: they stay exactly zero.</summary>
internal sealed class StoredParameters : IParameterization
{
    private readonly IReadOnlyList<string> names;

    public StoredParameters(OnnxModel model, IReadOnlyList<string> names)
    {
        this.names = names;
        Shapes = [.. names.Select(name => model.Weights[name].Shape.ToArray())];
        Initial = [.. names.SelectMany(name => model.Weights[name].ReadSingles())];
        Movable = new float[Initial.Length];
        var start = 0;
        foreach (var shape in Shapes)
        {
            var count = (int)shape.Aggregate(1L, (product, size) => product * size);
            // A bias of zero is a value like any other.
            var masked = shape.Count(size => size > 1) > 1;
            for (var index = start; index < start + count; index++)
                Movable[index] = masked && Initial[index] == 0 ? 0 : 1;
            start += count;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<long[]> Shapes { get; }

    /// <inheritdoc/>
    public float[] Initial { get; }

    /// <inheritdoc/>
    public float[] Movable { get; }

    /// <inheritdoc/>
    public Dictionary<string, torch.Tensor> Weights(IReadOnlyList<torch.Tensor> trained) =>
        names.Zip(trained).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
}
