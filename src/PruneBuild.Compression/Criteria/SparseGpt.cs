namespace PruneBuild.Compression.Criteria;

/// <summary>
/// Eliminates columns from left to right; each elimination's error is made up for by the columns to its right (Frantar and
/// Alistarh 2023, "SparseGPT"). Masks are chosen for 128 columns at a time from weights that earlier columns have already
/// corrected, by the error that removing costs: w² / U_ii² for one weight, w_J (U_JJᵀ U_JJ)⁻¹ w_Jᵀ for the neighbouring inputs J
/// of a block, summed over the block's outputs. Later columns are updated once for each 128 (lazy batches). Where H cannot be factored, Wanda is used and the reason recorded.
/// </summary>
public sealed class SparseGpt : IPruningCriterion
{
    internal const double Damping = 0.01;

    /// <inheritdoc/>
    public string Name => "sparsegpt";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public PrunedLayer Prune(LayerProblem problem)
    {
        var hessian = LayerHessian.Of(problem);
        if (InverseCholesky.Factor<float>(hessian, problem.Inputs, Damping) is not { } factor)
            return UnfactoredHessian.Prune(problem, hessian);
        var choice = new MaskChoice(problem, factor);
        choice.Run();
        return choice.Pruned();
    }
}
