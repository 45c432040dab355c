namespace PruneBuild.Runtime;

/// <summary>What follows a product: y = act(product + bias + residual).</summary>
/// <param name="Bias">[outputs], or null.</param>
/// <param name="Residual">[rows, outputs], or null.</param>
/// <param name="Outputs">Elements of a row of the residual.</param>
/// <param name="Activation">Applied last.</param>
internal readonly unsafe struct SparseEpilogue(float* Bias, float* Residual, int Outputs, SparseActivation Activation)
{
    public float* Bias { get; } = Bias;

    /// <summary>Kernels apply Relu themselves where nothing comes between it and the bias.</summary>
    public bool IsFusedRelu => Activation == SparseActivation.Relu && Residual == null;

    /// <summary>The epilogue of the rows from <paramref name="row"/> on.</summary>
    public SparseEpilogue At(int row, int outputs) => new(Bias, Residual == null ? null : Residual + (nint)row * outputs, Outputs, Activation);

    /// <summary>Does what the kernel did not: residual and activation, on results that are still in the cache.</summary>
    public void Finish(float* y, nint stride, int row, int rowEnd, int firstOutput, int outputs)
    {
        if (Residual == null && Activation is SparseActivation.None or SparseActivation.Relu)
            return;
        for (; row < rowEnd; row++)
        {
            var target = y + row * stride + firstOutput;
            if (Residual != null)
                ActivationFunctions.Add(target, Residual + (nint)row * Outputs + firstOutput, outputs);
            ActivationFunctions.Apply(Activation, target, outputs);
        }
    }
}
