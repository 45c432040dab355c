using PruneBuild.Compression.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace HomeAssistant.Training;

/// <summary>Adam with bias correction and decoupled weight decay (Loshchilov and Hutter 2019) on one buffer; β 0.9 and 0.98; gradients longer than 1 are shortened.</summary>
/// <param name="decayed">1 where weights decay, else 0.</param>
internal sealed class Adam(Tensor decayed) : IDisposable
{
    private const double FirstDecay = 0.9;
    private const double SecondDecay = 0.98;
    private const double WeightDecay = 0.05;

    public Tensor First { get; } = zeros_like(decayed).DetachFromDisposeScope();

    public Tensor Second { get; } = zeros_like(decayed).DetachFromDisposeScope();

    /// <summary>One step.</summary>
    /// <param name="weights">What is trained.</param>
    /// <param name="step">Counts from 1.</param>
    /// <param name="learningRate">Of this step.</param>
    public void Step(Tensor weights, int step, double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var gradient = weights.grad!;
        using Scalar length = Math.Min(1, 1 / (gradient.norm().item<float>() + 1e-6));
        gradient.mul_(length);
        First.mul_(Scalars.Of(FirstDecay)).add_(gradient, Scalars.Of(1 - FirstDecay));
        Second.mul_(Scalars.Of(SecondDecay)).addcmul_(gradient, gradient, Scalars.Of(1 - SecondDecay));
        using Scalar decay = -learningRate * WeightDecay;
        weights.addcmul_(weights, decayed, decay);
        using Scalar correction = 1 - Math.Pow(SecondDecay, step);
        using Scalar rate = -learningRate / (1 - Math.Pow(FirstDecay, step));
        weights.addcdiv_(First, (Second / correction).sqrt_().add_(Scalars.Of(1e-8), Scalars.OfInteger(1)), rate);
        gradient.zero_();
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
        decayed.Dispose();
    }
}
