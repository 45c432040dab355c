namespace PruneBuild.Compression.Criteria;

/// <summary>What prunes a layer whose Hessian cannot be factored.</summary>
internal static class UnfactoredHessian
{
    /// <summary>Prunes by Wanda, or by magnitude where the energies of the inputs are no numbers; the reason says so.</summary>
    /// <param name="problem">The layer.</param>
    /// <param name="hessian">H, [inputs, inputs].</param>
    public static PrunedLayer Prune(LayerProblem problem, double[] hessian)
    {
        var isFinite = Enumerable.Range(0, problem.Inputs).All(input => double.IsFinite(hessian[((long)input * problem.Inputs) + input]));
        IPruningCriterion criterion = isFinite ? new Wanda() : new Magnitude();
        return criterion.Prune(problem) with { Reason = $"the Hessian is not positive definite: {(isFinite ? "Wanda" : "magnitude")} was used" };
    }
}
