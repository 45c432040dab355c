using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Expand: broadcasting both ways, so a 1 in the shape keeps the input's dimension.</summary>
internal sealed class Expand : ITorchOperator
{
    public IReadOnlyList<string> Types { get; } = ["Expand"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var (shape, own) = (call.Longs(1)!, call[0].shape);
        var rank = Math.Max(shape.Length, own.Length);
        long At(long[] sizes, int axis) => axis - (rank - sizes.Length) is >= 0 and var place ? sizes[place] : 1;
        return [call[0].expand([.. Enumerable.Range(0, rank).Select(axis => At(shape, axis) == 1 ? At(own, axis) : At(shape, axis))])];
    }
}
