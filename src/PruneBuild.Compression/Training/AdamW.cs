using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>Adam with bias correction (Kingma and Ba 2015) and decoupled weight decay (Loshchilov and Hutter 2019); β 0.9 and 0.999, ε 1e-8.</summary>
/// <param name="count">Parameters.</param>
internal sealed class AdamW(long count) : IOptimizer
{
    private const double FirstDecay = 0.9;
    private const double SecondDecay = 0.999;
    private const double Epsilon = 1e-8;

    private readonly torch.Tensor first = torch.zeros([count], dtype: torch.ScalarType.Float32).DetachFromDisposeScope();
    private readonly torch.Tensor second = torch.zeros([count], dtype: torch.ScalarType.Float32).DetachFromDisposeScope();
    private int steps;

    /// <inheritdoc/>
    public void Step(torch.Tensor parameters, torch.Tensor gradient, torch.Tensor? decayed, double learningRate)
    {
        steps++;
        if (decayed is not null)
        {
            using Scalar decay = learningRate;
            parameters.sub_(parameters * decayed * decay);
        }
        first.mul_(Scalars.Of(FirstDecay)).add_(gradient, Scalars.Of(1 - FirstDecay));
        second.mul_(Scalars.Of(SecondDecay)).addcmul_(gradient, gradient, Scalars.Of(1 - SecondDecay));
        using Scalar correction = 1 - Math.Pow(SecondDecay, steps);
        var deviation = (second / correction).sqrt_().add_(Scalars.Of(Epsilon), Scalars.OfInteger(1));
        using Scalar step = -learningRate / (1 - Math.Pow(FirstDecay, steps));
        parameters.addcdiv_(first, deviation, step);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }
}
