using PruneBuild.Compression.Quantization;
using PruneBuild.Runtime;

namespace PruneBuild.Compression.Criteria;

/// <summary>
/// SparseGPT and GPTQ in one loop (Frantar and Alistarh 2023, "SparseGPT", section 3.5): the mask of a batch of columns is chosen, what
/// stays is rounded, and the columns to come make up for both errors at once. Which weights share a scale follows from the whole mask,
/// so the loop runs twice: over groups of about as many weights as a run stores, which gives the mask, and then over the runs of that mask,
/// whose scales cover what the weights that stay were corrected to. Where H cannot be factored, another criterion chooses the mask, weights
/// become the nearest levels, and the reason is recorded.
/// </summary>
/// <param name="format">The packed format whose runs share the scales: int4 or int8, of the problem's pattern.</param>
public sealed class SparseGptq(PackedFormat format) : IPruningCriterion
{
    private const int LowestGroup = 16;
    private const int HighestGroup = 256;

    /// <inheritdoc/>
    public string Name => "sparsegpt";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public PrunedLayer Prune(LayerProblem problem)
    {
        var hessian = LayerHessian.Of(problem);
        if (InverseCholesky.Factor<float>(hessian, problem.Inputs, SparseGpt.Damping) is not { } factor)
        {
            var other = UnfactoredHessian.Prune(problem, hessian);
            return Packed(WeightLevels.Nearest(other.Weights, Runs(problem, other.Weights)), other.Keep) with { Reason = $"{other.Reason}, with the nearest levels" };
        }
        var choice = new MaskChoice(problem, factor, Provisional(problem));
        choice.Run();
        // Without zeros the grids are those of the weights as they came, GPTQ's static groups; what makes up for dropped weights grows, and needs room.
        var kept = choice.Keep.Contains(false) ? choice.Pruned().Weights : problem.Weights.ToArray();
        var runs = Runs(problem, kept);
        var levels = new RunLevels(runs, runs.Cover(kept));
        var columns = new ColumnMatrix(problem.Weights.Span, problem.Outputs, problem.Inputs);
        ColumnElimination.Run(
            columns, factor, ColumnElimination.BatchColumns, new RoundingStep(levels, [.. Enumerable.Range(0, problem.Inputs)]), problem.Parallel);
        return Packed(levels.Levels, choice.Keep);
    }

    private ScaleRuns Runs(LayerProblem problem, float[] kept) => format.Runs(WeightMatrix.FromSingles(kept, problem.Outputs, problem.Inputs));

    private PrunedLayer Packed(WeightLevels levels, bool[] keep) => new(levels.ToSingles(), keep) { Packed = format.Pack(levels) };

    /// <summary>Grids for a mask that is not known yet: of the dense weights, over as many inputs as a run will span.</summary>
    private GroupLevels Provisional(LayerProblem problem)
    {
        var density = 1 - (problem.Pattern.ImpliedSparsity ?? problem.Sparsity);
        var span = density > 0 ? ScaleRuns.RunWeights / density : HighestGroup;
        var size = LowestGroup;
        while (size < span && size < HighestGroup)
            size *= 2;
        var bits = format.Precision == WeightPrecision.FourBit ? 4 : 8;
        var group = new GroupProblem(problem.Weights, problem.Outputs, problem.Inputs, new GroupFormat(bits, bits == 4 ? size : HighestGroup, IsSymmetric: true))
        {
            Threads = problem.Threads, Cancellation = problem.Cancellation,
        };
        return new GroupLevels(new RoundToNearest().Quantize(group), problem.Weights);
    }
}
