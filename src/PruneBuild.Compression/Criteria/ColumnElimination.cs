namespace PruneBuild.Compression.Criteria;

/// <summary>
/// Settles columns from left to right; what each loses is made up for by the columns to its right, those behind its batch once for the
/// whole batch (Frantar et al. 2023, "GPTQ"; Frantar and Alistarh 2023, "SparseGPT"). What settling means is the step's: to drop weights,
/// to round them, or both. Chunks of outputs run beside one another; the result is the same for any number of threads.
/// </summary>
internal static class ColumnElimination
{
    /// <summary>Columns whose corrections reach the rest of the matrix together.</summary>
    public const int BatchColumns = 128;

    /// <summary>Settles every column.</summary>
    /// <param name="columns">The weights; what is corrected stays corrected.</param>
    /// <param name="factor">U of <see cref="InverseCholesky"/>, of the columns in their order.</param>
    /// <param name="width">Columns of a batch.</param>
    /// <param name="step">What is done to a column.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static void Run(ColumnMatrix columns, float[] factor, int width, IColumnStep step, ParallelOptions parallel)
    {
        var errors = new float[(long)columns.Stride * width];
        for (var first = 0; first < columns.Inputs; first += width)
        {
            var (from, last) = (first, Math.Min(first + width, columns.Inputs));
            step.Begin(from, last);
            Parallel.For(0, columns.Chunks, parallel, chunk =>
            {
                var row = chunk * ColumnMatrix.ChunkRows;
                for (var column = from; column < last; column++)
                {
                    var error = errors.AsSpan(((column - from) * columns.Stride) + row, ColumnMatrix.ChunkRows);
                    if (step.Settle(column, row, columns.Chunk(column, row), 1 / factor[((long)column * columns.Inputs) + column], error))
                        columns.CorrectBatch(factor, column, last, row, error);
                }
                columns.CorrectRest(factor, from, last, row, errors);
            });
        }
    }
}

/// <summary>What happens to a column of weights when its turn comes.</summary>
internal interface IColumnStep
{
    /// <summary>Before the columns of a batch: all outputs are corrected for every column before it.</summary>
    void Begin(int first, int last);

    /// <summary>Settles a chunk of a column.</summary>
    /// <param name="column">Its place.</param>
    /// <param name="row">First output of the chunk.</param>
    /// <param name="values">Corrected weights, [<see cref="ColumnMatrix.ChunkRows"/>]; may be changed.</param>
    /// <param name="diagonal">1 / U_cc.</param>
    /// <param name="error">(w − ŵ) / U_cc, written.</param>
    /// <returns>False when nothing was lost: every error is zero.</returns>
    bool Settle(int column, int row, Span<float> values, float diagonal, Span<float> error);
}
