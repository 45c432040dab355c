using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>What is trained, and how the weights of the model follow from it.</summary>
internal interface IParameterization
{
    /// <summary>Shapes of the trained tensors.</summary>
    IReadOnlyList<long[]> Shapes { get; }

    /// <summary>Where training starts: the tensors one after the other.</summary>
    float[] Initial { get; }

    /// <summary>1 where a number may move and 0 where it stays, laid out as <see cref="Initial"/>; null when all move.</summary>
    float[]? Movable { get; }

    /// <summary>The weights by initializer name, differentiable in the trained tensors.</summary>
    Dictionary<string, torch.Tensor> Weights(IReadOnlyList<torch.Tensor> trained);
}
