using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>v ← μ v + g, w ← w − η (g + μ v) (Sutskever et al. 2013, in the form of libtorch).</summary>
/// <param name="count">Parameters.</param>
/// <param name="momentum">μ.</param>
internal sealed class NesterovSgd(long count, double momentum) : IOptimizer
{
    private readonly torch.Tensor velocity = torch.zeros([count], dtype: torch.ScalarType.Float32).DetachFromDisposeScope();

    /// <inheritdoc/>
    public void Step(torch.Tensor parameters, torch.Tensor gradient, torch.Tensor? decayed, double learningRate)
    {
        var full = decayed is null ? gradient : gradient.Plus(parameters * decayed);
        using Scalar step = -learningRate;
        velocity.mul_(Scalars.Of(momentum)).add_(full, Scalars.OfInteger(1));
        parameters.add_(full.add(velocity, Scalars.Of(momentum)), step);
    }

    /// <inheritdoc/>
    public void Dispose() => velocity.Dispose();
}
