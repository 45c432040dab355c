using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>
/// Low-rank adapters (LoRA, Hu et al. 2021) of weights seen as matrices [first dimension, the rest]: (W + (α/r) B A) ⊙ M, where
/// M is where W is not zero. B starts at zero, so training starts at W. Its tensors belong to the dispose scope around it.
/// </summary>
internal sealed class LowRankAdapters : IParameterization
{
    private readonly IReadOnlyList<string> names;
    private readonly Dictionary<string, (torch.Tensor Weight, torch.Tensor Mask)> frozen;
    private readonly double scale;

    public LowRankAdapters(OnnxModel model, IReadOnlyList<string> names, int rank, double alpha, int seed)
    {
        (this.names, scale) = (names, alpha / rank);
        frozen = names.ToDictionary(name => name, name =>
        {
            var weight = TorchTensors.Of(model.Weights[name])!;
            return (weight, weight.ne(Scalars.Of(0)).to_type(torch.ScalarType.Float32));
        });
        var (shapes, initial, random) = (new List<long[]>(), new List<float>(), new Random(seed));
        foreach (var shape in names.Select(name => model.Weights[name].Shape))
        {
            var (rows, columns) = (shape[0], shape.Skip(1).Aggregate(1L, (product, size) => product * size));
            shapes.AddRange([[rows, rank], [rank, columns]]);
            initial.AddRange(Enumerable.Repeat(0f, (int)rows * rank));
            var bound = 1 / Math.Sqrt(columns);
            for (var index = 0; index < rank * columns; index++)
                initial.Add((float)(bound * ((random.NextDouble() * 2) - 1)));
        }
        (Shapes, Initial) = (shapes, [.. initial]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<long[]> Shapes { get; }

    /// <inheritdoc/>
    public float[] Initial { get; }

    /// <inheritdoc/>
    public float[]? Movable => null;

    /// <inheritdoc/>
    public Dictionary<string, torch.Tensor> Weights(IReadOnlyList<torch.Tensor> trained)
    {
        var weights = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        for (var index = 0; index < names.Count; index++)
        {
            var (weight, mask) = frozen[names[index]];
            var change = trained[2 * index].matmul(trained[(2 * index) + 1]).reshape(weight.shape);
            weights[names[index]] = weight.Plus(change * Scalars.Of(scale)) * mask;
        }
        return weights;
    }
}
