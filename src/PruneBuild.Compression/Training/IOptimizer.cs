using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>Moves all parameters, kept in one vector, along a gradient.</summary>
internal interface IOptimizer : IDisposable
{
    /// <summary>One step, in place.</summary>
    /// <param name="parameters">All parameters, [n].</param>
    /// <param name="gradient">Their gradient, [n]; zero where a mask holds them.</param>
    /// <param name="decayed">Weight decay of each, [n], or null for none.</param>
    /// <param name="learningRate">Step size.</param>
    void Step(torch.Tensor parameters, torch.Tensor gradient, torch.Tensor? decayed, double learningRate);
}
