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
            parameters.sub_(parameters * decayed * learningRate);
        first.mul_(FirstDecay).add_(gradient, 1 - FirstDecay);
        second.mul_(SecondDecay).addcmul_(gradient, gradient, 1 - SecondDecay);
        var deviation = (second / (1 - Math.Pow(SecondDecay, steps))).sqrt_().add_(Epsilon);
        parameters.addcdiv_(first, deviation, -learningRate / (1 - Math.Pow(FirstDecay, steps)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }
}
