using System.Runtime.Intrinsics;

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
    private const int ChunkRows = 64;

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

    /// <summary>The state of one weight. Columns lie one after another, so a step over all outputs is one over neighbouring floats.</summary>
    private sealed unsafe class Elimination
    {
        private readonly LayerProblem problem;
        private readonly float[] factor;
        private readonly float[] columns;
        private readonly bool[] keep;
        private readonly int stride;
        private readonly ParallelOptions parallel;

        public Elimination(LayerProblem problem, float[] factor)
        {
            (this.problem, this.factor) = (problem, factor);
            stride = (problem.Outputs + ChunkRows - 1) / ChunkRows * ChunkRows;
            columns = new float[(long)stride * problem.Inputs];
            keep = new bool[problem.Weights.Length];
            Array.Fill(keep, true);
            parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, problem.Threads), CancellationToken = problem.Cancellation };
            var weights = problem.Weights.Span;
            for (var row = 0; row < problem.Outputs; row++)
                for (var input = 0; input < problem.Inputs; input++)
                    columns[((long)input * stride) + row] = weights[(row * problem.Inputs) + input];
        }

        public PrunedLayer Run()
        {
            var unit = Math.Max(problem.Pattern.Window, problem.Pattern.UnitColumns);
            var width = Math.Max(1, BatchColumns / unit) * unit;
            var errors = new float[(long)stride * width];
            long removed = 0;
            for (var first = 0; first < problem.Inputs; first += width)
            {
                var last = Math.Min(first + width, problem.Inputs);
                if (problem.Pattern.Window == 0)
                    removed += Select(first, last, removed);
                var from = first;
                Parallel.For(0, stride / ChunkRows, parallel, chunk =>
                {
                    Eliminate(from, last, chunk * ChunkRows, errors);
                    Update(from, last, chunk * ChunkRows, errors);
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
                    double value = columns[((long)(start + column) * stride) + row];
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
                var values = columns.AsSpan((int)(((long)column * stride) + row), ChunkRows);
                var error = errors.AsSpan(((column - first) * stride) + row, ChunkRows);
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
                for (var later = column + 1; any && later < last; later++)
                {
                    var scale = factor[((long)column * inputs) + later];
                    Subtract(columns.AsSpan((int)(((long)later * stride) + row), ChunkRows), scale, error);
                }
            }
        }

        private static void Subtract(Span<float> target, float scale, ReadOnlySpan<float> error)
        {
            var factor = Vector256.Create(-scale);
            for (var index = 0; index < ChunkRows; index += Vector256<float>.Count)
                Vector256.MultiplyAddEstimate(factor, Vector256.Create(error[index..]), Vector256.Create<float>(target[index..])).CopyTo(target[index..]);
        }

        private void SelectWindow(int first, int last, int row)
        {
            Span<float> scores = stackalloc float[last - first];
            for (var index = row; index < Math.Min(row + ChunkRows, problem.Outputs); index++)
            {
                for (var column = first; column < last; column++)
                {
                    var value = columns[((long)column * stride) + index] / factor[((long)column * problem.Inputs) + column];
                    scores[column - first] = value * value;
                }
                Patterns.NOfMPattern.KeepHighest(scores, problem.Pattern.KeptOf(last - first), keep.AsSpan((index * problem.Inputs) + first, last - first));
            }
        }

        /// <summary>Corrects all columns right of a batch at once: 4 columns x 16 rows stay in registers over the batch.</summary>
        private void Update(int first, int last, int row, float[] errors)
        {
            const int wide = 4;
            var inputs = problem.Inputs;
            var column = last;
            fixed (float* u = factor, w = columns, e = errors)
            {
                for (; column + wide <= inputs; column += wide)
                    for (var index = row; index < row + ChunkRows; index += 2 * Vector256<float>.Count)
                        UpdateTile(u + ((long)first * inputs) + column, e + index, w + ((long)column * stride) + index, last - first);
                for (; column < inputs; column++)
                    for (var index = row; index < row + ChunkRows; index += Vector256<float>.Count)
                        UpdateColumn(u + ((long)first * inputs) + column, e + index, w + ((long)column * stride) + index, last - first);
            }
        }

        private void UpdateTile(float* u, float* e, float* w, int count)
        {
            var second = w + stride;
            var third = second + stride;
            var fourth = third + stride;
            var (a0, a1) = (Vector256.Load(w), Vector256.Load(w + 8));
            var (b0, b1) = (Vector256.Load(second), Vector256.Load(second + 8));
            var (c0, c1) = (Vector256.Load(third), Vector256.Load(third + 8));
            var (d0, d1) = (Vector256.Load(fourth), Vector256.Load(fourth + 8));
            for (var step = 0; step < count; step++, u += problem.Inputs, e += stride)
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
            for (var step = 0; step < count; step++, u += problem.Inputs, e += stride)
                sum = Vector256.MultiplyAddEstimate(Vector256.Create(-u[0]), Vector256.Load(e), sum);
            sum.Store(w);
        }

        private float[] Result()
        {
            var result = new float[keep.Length];
            for (var row = 0; row < problem.Outputs; row++)
                for (var input = 0; input < problem.Inputs; input++)
                    result[(row * problem.Inputs) + input] = keep[(row * problem.Inputs) + input] ? columns[((long)input * stride) + row] : 0;
            return result;
        }
    }
}
