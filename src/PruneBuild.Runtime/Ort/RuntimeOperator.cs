namespace PruneBuild.Runtime;

/// <summary>A node of the domain <c>prunebuild</c>.</summary>
internal abstract class RuntimeOperator
{
    public const string Domain = "prunebuild";

    /// <summary>The operator's type, for messages.</summary>
    public abstract string OpType { get; }

    /// <summary>Runs the node.</summary>
    /// <param name="context">Its OrtKernelContext.</param>
    /// <exception cref="ArgumentException">An input does not fit.</exception>
    public abstract unsafe void Compute(void* context);
}

/// <summary>An input as an operator declares it.</summary>
/// <param name="Type">Its elements: a value of ONNXTensorElementDataType.</param>
/// <param name="IsOptional">Whether a node may leave it out.</param>
internal readonly record struct OperatorInput(int Type, bool IsOptional = false)
{
    public const int Float = 1;
    public const int UInt8 = 2;
    public const int Int32 = 6;
}
