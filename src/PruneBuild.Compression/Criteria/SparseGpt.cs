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
    private const int BatchColumns = 128;
    private const int ChunkRows = ColumnMatrix.ChunkRows;

    /// <inheritdoc/>
    public string Name => "sparsegpt";

    /// <inheritdoc/>
    public bool NeedsStatistics => true;

    /// <inheritdoc/>
    public PrunedLayer Prune(LayerProblem problem)
    {
        if (InverseCholesky.Factor<float>(LayerHessian.Of(problem), problem.Inputs, Damping) is not { } factor)
            return new Wanda().Prune(problem) with { Reason = "the Hessian is not positive definite: Wanda was used" };
        return new Elimination(problem, factor).Run();
    }

    /// <summary>The state of one weight.</summary>
    private sealed class Elimination
    {
        private readonly LayerProblem problem;
        private readonly float[] factor;
        private readonly ColumnMatrix columns;
        private readonly bool[] keep;
        private readonly ParallelOptions parallel;

        public Elimination(LayerProblem problem, float[] factor)
        {
            (this.problem, this.factor) = (problem, factor);
            columns = new ColumnMatrix(problem.Weights.Span, problem.Outputs, problem.Inputs);
            keep = new bool[problem.Weights.Length];
            Array.Fill(keep, true);
            parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, problem.Threads), CancellationToken = problem.Cancellation };
        }

        public PrunedLayer Run()
        {
            var unit = Math.Max(problem.Pattern.Window, problem.Pattern.UnitColumns);
            var width = Math.Max(1, BatchColumns / unit) * unit;
            var errors = new float[(long)columns.Stride * width];
            long removed = 0;
            for (var first = 0; first < problem.Inputs; first += width)
            {
                var last = Math.Min(first + width, problem.Inputs);
                if (problem.Pattern.Window == 0)
                    removed += Select(first, last, removed);
                var from = first;
                Parallel.For(0, columns.Chunks, parallel, chunk =>
                {
                    Eliminate(from, last, chunk * ChunkRows, errors);
                    columns.CorrectRest(factor, from, last, chunk * ChunkRows, errors);
                });
            }
            return new PrunedLayer(Result(), keep);
        }

        /// <summary>Chooses the mask of a batch of columns; counts are exact over all columns so far.</summary>
        private long Select(int first, int last, long removed)
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

        /// <summary>Zeros the masked weights of a batch, corrects the batch's later columns and notes the errors.</summary>
        private void Eliminate(int first, int last, int row, float[] errors)
        {
            var inputs = problem.Inputs;
            for (var column = first; column < last; column++)
            {
                if (problem.Pattern.Window > 0 && (column - first) % problem.Pattern.Window == 0)
                    SelectWindow(column, Math.Min(column + problem.Pattern.Window, inputs), row);
                var diagonal = 1 / factor[((long)column * inputs) + column];
                var values = columns.Chunk(column, row);
                var error = errors.AsSpan(((column - first) * columns.Stride) + row, ChunkRows);
                var any = false;
                for (var index = 0; index < ChunkRows; index++)
                {
                    var stays = row + index >= problem.Outputs || keep[((row + index) * inputs) + column];
                    error[index] = stays ? 0 : values[index] * diagonal;
                    if (stays)
                        continue;
                    values[index] = 0;
                    any = true;
                }
                if (any)
                    columns.CorrectBatch(factor, column, last, row, error);
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

        private float[] Result()
        {
            var result = new float[keep.Length];
            for (var row = 0; row < problem.Outputs; row++)
                for (var input = 0; input < problem.Inputs; input++)
                    result[(row * problem.Inputs) + input] = keep[(row * problem.Inputs) + input] ? columns[row, input] : 0;
            return result;
        }
    }
}
