using PruneBuild.Compression.Quantization;

namespace PruneBuild.Compression.Criteria;

/// <summary>
/// The step of SparseGPT: chooses the mask of a batch of columns from weights that all columns before it have corrected, and drops what
/// the mask says; N:M patterns choose window by window. With levels, what stays is rounded in the same pass, so that a mask is chosen, and
/// later columns are corrected, in the knowledge of what rounding loses.
/// </summary>
internal sealed class MaskChoice : IColumnStep
{
    private const int ChunkRows = ColumnMatrix.ChunkRows;

    private readonly LayerProblem problem;
    private readonly float[] factor;
    private readonly ILevelGrid? levels;
    private readonly ColumnMatrix columns;
    private readonly bool[] keep;
    private int batchStart;
    private long removed;

    /// <param name="problem">The weight.</param>
    /// <param name="factor">U of its Hessian.</param>
    /// <param name="levels">What kept weights are rounded to; null to leave them as they are.</param>
    public MaskChoice(LayerProblem problem, float[] factor, ILevelGrid? levels = null)
    {
        (this.problem, this.factor, this.levels) = (problem, factor, levels);
        columns = new ColumnMatrix(problem.Weights.Span, problem.Outputs, problem.Inputs);
        keep = new bool[problem.Weights.Length];
        Array.Fill(keep, true);
    }

    /// <summary>The mask, true where a weight stays.</summary>
    public bool[] Keep => keep;

    /// <summary>Settles every column.</summary>
    public void Run()
    {
        var unit = Math.Max(problem.Pattern.Window, problem.Pattern.UnitColumns);
        var width = Math.Max(1, ColumnElimination.BatchColumns / unit) * unit;
        ColumnElimination.Run(columns, factor, width, this, problem.Parallel);
    }

    /// <summary>The mask and the corrected weights, unrounded.</summary>
    public PrunedLayer Pruned()
    {
        var result = new float[keep.Length];
        for (var row = 0; row < problem.Outputs; row++)
            for (var input = 0; input < problem.Inputs; input++)
                result[(row * problem.Inputs) + input] = keep[(row * problem.Inputs) + input] ? columns[row, input] : 0;
        return new PrunedLayer(result, keep);
    }

    /// <inheritdoc/>
    public void Begin(int first, int last)
    {
        batchStart = first;
        if (problem.Pattern.Window == 0)
            removed += Select(first, last);
    }

    /// <inheritdoc/>
    public bool Settle(int column, int row, Span<float> values, float diagonal, Span<float> error)
    {
        if (problem.Pattern.Window > 0 && (column - batchStart) % problem.Pattern.Window == 0)
            SelectWindow(column, Math.Min(column + problem.Pattern.Window, problem.Inputs), row);
        Span<int> pruned = stackalloc int[ChunkRows];
        var any = false;
        for (var index = 0; index < ChunkRows; index++)
        {
            var stays = row + index >= problem.Outputs || keep[((row + index) * problem.Inputs) + column];
            pruned[index] = stays ? 0 : LevelRounding.Pruned;
            error[index] = stays ? 0 : values[index] * diagonal;
            any |= !stays;
        }
        if (levels is not null)
            LevelRounding.Settle(levels, column, row, values, diagonal, pruned, error);
        for (var index = 0; index < ChunkRows && any; index++)
            values[index] = pruned[index] == 0 ? values[index] : 0;
        return any || levels is not null;
    }

    /// <summary>Chooses the mask of a batch of columns; counts are exact over all columns so far.</summary>
    private long Select(int first, int last)
    {
        var width = last - first;
        var scores = new float[problem.Outputs * width];
        for (var start = first; start < last; start += problem.Pattern.UnitColumns)
            ScoreUnit(start, Math.Min(start + problem.Pattern.UnitColumns, last), first, width, scores);
        var due = (problem.Sparsity * problem.Outputs * last) - removed;
        var chosen = problem.Pattern.Select(scores, problem.Outputs, width, Math.Clamp(due / scores.Length, 0, 1));
        for (var row = 0; row < problem.Outputs; row++)
            chosen.AsSpan(row * width, width).CopyTo(keep.AsSpan((row * problem.Inputs) + first, width));
        return chosen.AsSpan().Count(false);
    }

    /// <summary>The error of removing neighbouring inputs together, in the place of the first of them.</summary>
    private void ScoreUnit(int start, int end, int first, int width, float[] scores)
    {
        var length = end - start;
        var triangle = new double[length * length];
        for (var row = 0; row < length; row++)
            for (var column = row; column < length; column++)
                triangle[(row * length) + column] = factor[((long)(start + row) * problem.Inputs) + start + column];
        var dense = new double[length];
        for (var row = 0; row < problem.Outputs; row++)
        {
            var error = 0.0;
            // The quadratic form w (Uᵀ U)⁻¹ wᵀ is ‖z‖² where z U = w, by forward substitution.
            for (var column = 0; column < length; column++)
            {
                double value = columns[row, start + column];
                for (var before = 0; before < column; before++)
                    value -= dense[before] * triangle[(before * length) + column];
                dense[column] = value / triangle[(column * length) + column];
                error += dense[column] * dense[column];
            }
            scores[(row * width) + start - first] = (float)error;
        }
    }

    private void SelectWindow(int first, int last, int row)
    {
        Span<float> scores = stackalloc float[last - first];
        for (var index = row; index < Math.Min(row + ChunkRows, problem.Outputs); index++)
        {
            for (var column = first; column < last; column++)
            {
                var value = columns[index, column] / factor[((long)column * problem.Inputs) + column];
                scores[column - first] = value * value;
            }
            Patterns.NOfMPattern.KeepHighest(scores, problem.Pattern.KeptOf(last - first), keep.AsSpan((index * problem.Inputs) + first, last - first));
        }
    }
}
