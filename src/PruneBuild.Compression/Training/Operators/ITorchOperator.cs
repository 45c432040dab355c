using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>One ONNX operator, or a family that shares its code, as differentiable libtorch calls.</summary>
internal interface ITorchOperator
{
    /// <summary>The <c>op_type</c>s it runs.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>Computes the outputs in the node's order; each is a handle of its own, never that of an input.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3007: an attribute or an input is not supported.</exception>
    IReadOnlyList<torch.Tensor> Run(OperatorCall call);
}
