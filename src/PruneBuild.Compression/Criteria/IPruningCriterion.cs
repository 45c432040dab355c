namespace PruneBuild.Compression.Criteria;

/// <summary>Decides which weights of a layer go, and what the others become.</summary>
public interface IPruningCriterion
{
    /// <summary>The name a recipe uses.</summary>
    string Name { get; }

    /// <summary>Whether it needs statistics of the layer's input.</summary>
    bool NeedsStatistics { get; }

    /// <summary>Prunes one weight; the same result for any number of threads.</summary>
    /// <exception cref="ArgumentException">Statistics are needed and missing, or do not fit the weight.</exception>
    PrunedLayer Prune(LayerProblem problem);

    /// <summary>What pruning would cost: the squared output error at several sparsities.</summary>
    /// <param name="problem">The weight; its own sparsity is not looked at. Statistics are needed even where <see cref="Prune"/> needs none.</param>
    /// <param name="sparsities">Fractions of zeros, ascending.</param>
    /// <returns>tr(Δ H Δᵀ) for each, H the inputs' second moment, or their covariance where a bias follows.</returns>
    double[] Errors(LayerProblem problem, IReadOnlyList<double> sparsities) =>
        [.. sparsities.Select(sparsity => LayerHessian.Error(problem, Prune(problem with { Sparsity = sparsity }).Weights))];
}
