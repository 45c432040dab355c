using TorchSharp;
using static TorchSharp.torch;

namespace MeterReader.Training;

/// <summary>The blocks of 8 outputs by 4 inputs that block pruning removes as a whole.</summary>
internal static class WeightBlocks
{
    private const int Outputs = 8;
    private const int Inputs = 4;

    // libtorch reads a Scalar that nothing else holds: the garbage collector must not take it meanwhile.
    private static readonly Scalar Zero = 0;

    /// <summary>Group lasso (Yuan, Lin 2006): the sum of the blocks' Euclidean norms. It gathers the weight into few blocks
    /// without making any of them exactly zero.</summary>
    /// <param name="weight">[outputs, inputs], multiples of 8 and 4.</param>
    public static Tensor SumOfNorms(Tensor weight) => (SquaredNorms(weight) + 1e-12).sqrt().sum();

    /// <summary>1 for the blocks that remain when the given share of smallest blocks is removed, in the shape of the weight.</summary>
    public static Tensor LargestMask(Tensor weight, double sparsity)
    {
        using var scope = NewDisposeScope();
        var norms = SquaredNorms(weight);
        var removed = (long)Math.Round(sparsity * norms.numel());
        var keep = ones_like(norms).flatten().index_fill(0, norms.flatten().argsort().narrow(0, 0, removed), Zero);
        var mask = keep.view_as(norms).repeat_interleave(Outputs, 0).repeat_interleave(Inputs, 1);
        return mask.MoveToOuterDisposeScope();
    }

    /// <summary>The share of the sum of squared weights that lies in the given share of smallest blocks.</summary>
    public static double EnergyOfSmallest(Tensor weight, double sparsity)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var kept = (weight * LargestMask(weight, sparsity)).square().sum() / weight.square().sum();
        return 1 - kept.item<float>();
    }

    private static Tensor SquaredNorms(Tensor weight) =>
        weight.square().view(weight.shape[0] / Outputs, Outputs, weight.shape[1] / Inputs, Inputs).sum([1, 3]);
}
