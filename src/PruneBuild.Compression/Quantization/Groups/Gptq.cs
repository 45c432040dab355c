using PruneBuild.Compression.Criteria;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Quantizes column after column; what rounding loses is made up for by the columns to come (Frantar et al. 2023, "GPTQ").
/// Columns go by descending energy of their input (act-order), and the grids are those of the weights as they came (static
/// groups), for no operator reads groups of scattered columns. Levels and grids are the loop's own: nothing is derived from
/// rounded weights again. Where H cannot be factored, the nearest levels are used and the reason recorded.
/// </summary>
/// <param name="scaled">Whether on weights that <see cref="ActivationAwareScaling"/> has scaled.</param>
public sealed class Gptq(bool scaled = false) : IGroupQuantizer
{
    internal const string NotFactored = "the Hessian is not positive definite: weights were rounded to the nearest level";

    /// <inheritdoc/>
    public string Name => scaled ? "awq-gptq" : "gptq";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public bool ScalesFirst => scaled;

    /// <inheritdoc/>
    public QuantizedMatrix Quantize(GroupProblem problem)
    {
        var statistics = problem.Statistics ?? throw new ArgumentException("GPTQ needs statistics.", nameof(problem));
        var nearest = new RoundToNearest().Quantize(problem);
        var levels = new GroupLevels(nearest, problem.Weights);
        var hessian = LayerHessian.Of(statistics, problem.Inputs, problem.BiasFollows);
        return LevelElimination.Run(problem.Weights, problem.Outputs, problem.Inputs, hessian, levels, problem.Parallel)
            ? levels.Matrix
            : nearest with { Reason = NotFactored };
    }
}
