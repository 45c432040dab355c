using System.Runtime.Intrinsics;

namespace PruneBuild.Compression.Criteria;

/// <summary>
/// Weights whose columns lie one after another, so that a step over all outputs is one over neighbouring floats; and the two
/// corrections that eliminating columns from left to right needs, within a batch of columns and of all columns behind it (lazy
/// batches, Frantar et al. 2023, "GPTQ"). Chunks of outputs are independent of one another.
/// </summary>
internal sealed unsafe class ColumnMatrix
{
    /// <summary>Outputs of a chunk.</summary>
    public const int ChunkRows = 64;

    private readonly float[] values;

    /// <summary>Copies W.</summary>
    /// <param name="weights">[outputs, inputs] row-major.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="order">The column of W that stands at each place; null for the order they have.</param>
    public ColumnMatrix(ReadOnlySpan<float> weights, int outputs, int inputs, int[]? order = null)
    {
        (Outputs, Inputs) = (outputs, inputs);
        Stride = (outputs + ChunkRows - 1) / ChunkRows * ChunkRows;
        values = new float[(long)Stride * inputs];
        for (var row = 0; row < outputs; row++)
            for (var place = 0; place < inputs; place++)
                values[((long)place * Stride) + row] = weights[(row * inputs) + (order?[place] ?? place)];
    }

    /// <summary>Rows.</summary>
    public int Outputs { get; }

    /// <summary>Columns.</summary>
    public int Inputs { get; }

    /// <summary>From one column to the next; outputs rounded up to whole chunks.</summary>
    public int Stride { get; }

    /// <summary>Chunks of outputs.</summary>
    public int Chunks => Stride / ChunkRows;

    /// <summary>A weight.</summary>
    public float this[int row, int column] => values[((long)column * Stride) + row];

    /// <summary>The <see cref="ChunkRows"/> weights of a column from a row on.</summary>
    public Span<float> Chunk(int column, int row) => values.AsSpan((int)(((long)column * Stride) + row), ChunkRows);

    /// <summary>Corrects the columns up to <paramref name="last"/> for what the one of a chunk's <paramref name="error"/> lost.</summary>
    /// <param name="factor">From <see cref="InverseCholesky"/>.</param>
    /// <param name="column">The column eliminated.</param>
    /// <param name="last">End of the batch.</param>
    /// <param name="row">First row of the chunk.</param>
    /// <param name="error">(w − ŵ) / U_cc.</param>
    public void CorrectBatch(float[] factor, int column, int last, int row, ReadOnlySpan<float> error)
    {
        for (var later = column + 1; later < last; later++)
            Subtract(Chunk(later, row), factor[((long)column * Inputs) + later], error);
    }

    /// <summary>Corrects all columns right of a batch at once: 4 columns x 16 rows stay in registers over the batch.</summary>
    /// <param name="factor">From <see cref="InverseCholesky"/>.</param>
    /// <param name="first">First column of the batch.</param>
    /// <param name="last">The column behind it.</param>
    /// <param name="row">First row of the chunk.</param>
    /// <param name="errors">[batch, <see cref="Stride"/>].</param>
    public void CorrectRest(float[] factor, int first, int last, int row, float[] errors)
    {
        const int wide = 4;
        var column = last;
        fixed (float* u = factor, w = values, e = errors)
        {
            for (; column + wide <= Inputs; column += wide)
                for (var index = row; index < row + ChunkRows; index += 2 * Vector256<float>.Count)
                    UpdateTile(u + ((long)first * Inputs) + column, e + index, w + ((long)column * Stride) + index, last - first);
            for (; column < Inputs; column++)
                for (var index = row; index < row + ChunkRows; index += Vector256<float>.Count)
                    UpdateColumn(u + ((long)first * Inputs) + column, e + index, w + ((long)column * Stride) + index, last - first);
        }
    }

    private static void Subtract(Span<float> target, float scale, ReadOnlySpan<float> error)
    {
        var factor = Vector256.Create(-scale);
        for (var index = 0; index < ChunkRows; index += Vector256<float>.Count)
            Vector256.MultiplyAddEstimate(factor, Vector256.Create(error[index..]), Vector256.Create<float>(target[index..])).CopyTo(target[index..]);
    }

    private void UpdateTile(float* u, float* e, float* w, int count)
    {
        var second = w + Stride;
        var third = second + Stride;
        var fourth = third + Stride;
        var (a0, a1) = (Vector256.Load(w), Vector256.Load(w + 8));
        var (b0, b1) = (Vector256.Load(second), Vector256.Load(second + 8));
        var (c0, c1) = (Vector256.Load(third), Vector256.Load(third + 8));
        var (d0, d1) = (Vector256.Load(fourth), Vector256.Load(fourth + 8));
        for (var step = 0; step < count; step++, u += Inputs, e += Stride)
        {
            var (e0, e1) = (Vector256.Load(e), Vector256.Load(e + 8));
            var scale = Vector256.Create(-u[0]);
            (a0, a1) = (Vector256.MultiplyAddEstimate(scale, e0, a0), Vector256.MultiplyAddEstimate(scale, e1, a1));
            scale = Vector256.Create(-u[1]);
            (b0, b1) = (Vector256.MultiplyAddEstimate(scale, e0, b0), Vector256.MultiplyAddEstimate(scale, e1, b1));
            scale = Vector256.Create(-u[2]);
            (c0, c1) = (Vector256.MultiplyAddEstimate(scale, e0, c0), Vector256.MultiplyAddEstimate(scale, e1, c1));
            scale = Vector256.Create(-u[3]);
            (d0, d1) = (Vector256.MultiplyAddEstimate(scale, e0, d0), Vector256.MultiplyAddEstimate(scale, e1, d1));
        }
        a0.Store(w);
        a1.Store(w + 8);
        b0.Store(second);
        b1.Store(second + 8);
        c0.Store(third);
        c1.Store(third + 8);
        d0.Store(fourth);
        d1.Store(fourth + 8);
    }

    private void UpdateColumn(float* u, float* e, float* w, int count)
    {
        var sum = Vector256.Load(w);
        for (var step = 0; step < count; step++, u += Inputs, e += Stride)
            sum = Vector256.MultiplyAddEstimate(Vector256.Create(-u[0]), Vector256.Load(e), sum);
        sum.Store(w);
    }
}
