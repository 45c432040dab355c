using System.Runtime.Intrinsics;
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
    private const double Damping = 0.01;
    private const int BatchColumns = 128;

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
        var hessian = LayerHessian.Of(statistics, problem.Inputs, biasFollows: false);
        var order = Enumerable.Range(0, problem.Inputs).OrderByDescending(input => hessian[((long)input * problem.Inputs) + input]).ToArray();
        return InverseCholesky.Factor<float>(Ordered(hessian, order), problem.Inputs, Damping) is { } factor
            ? Eliminate(problem, nearest, factor, order)
            : nearest with { Reason = "the Hessian is not positive definite: weights were rounded to the nearest level" };
    }

    private static double[] Ordered(double[] hessian, int[] order)
    {
        var ordered = new double[hessian.LongLength];
        for (var row = 0; row < order.Length; row++)
            for (var column = 0; column < order.Length; column++)
                ordered[((long)row * order.Length) + column] = hessian[((long)order[row] * order.Length) + order[column]];
        return ordered;
    }

    private static QuantizedMatrix Eliminate(GroupProblem problem, QuantizedMatrix grids, float[] factor, int[] order)
    {
        var columns = new ColumnMatrix(problem.Weights.Span, problem.Outputs, problem.Inputs, order);
        var result = grids with { Levels = new byte[grids.Levels.LongLength] };
        var (scales, zeros) = (ByGroup(grids.Scales, grids, columns.Stride, 1), ByGroup(grids.ZeroPoints, grids, columns.Stride, 0));
        var errors = new float[(long)columns.Stride * BatchColumns];
        for (var first = 0; first < problem.Inputs; first += BatchColumns)
        {
            var (from, last) = (first, Math.Min(first + BatchColumns, problem.Inputs));
            Parallel.For(0, columns.Chunks, problem.Parallel, chunk =>
            {
                var row = chunk * ColumnMatrix.ChunkRows;
                Span<int> levels = stackalloc int[ColumnMatrix.ChunkRows];
                for (var column = from; column < last; column++)
                {
                    var grid = (order[column] / problem.Format.GroupSize * columns.Stride) + row;
                    var error = errors.AsSpan(((column - from) * columns.Stride) + row, ColumnMatrix.ChunkRows);
                    Round(problem, columns, column, order[column], row, scales.AsSpan(grid, ColumnMatrix.ChunkRows), zeros.AsSpan(grid, ColumnMatrix.ChunkRows),
                        1 / factor[((long)column * problem.Inputs) + column], levels, error);
                    for (var index = 0; index < Math.Min(ColumnMatrix.ChunkRows, problem.Outputs - row); index++)
                        result.Levels[((long)(row + index) * problem.Inputs) + order[column]] = (byte)levels[index];
                    columns.CorrectBatch(factor, column, last, row, error);
                }
                columns.CorrectRest(factor, from, last, row, errors);
            });
        }
        return result;
    }

    /// <summary>Rounds a chunk of a column; a weight that came as zero becomes zero whatever it has been corrected to.</summary>
    private static void Round(
        GroupProblem problem, ColumnMatrix columns, int column, int input, int row, ReadOnlySpan<float> scales, ReadOnlySpan<float> zeros, float diagonal,
        Span<int> levels, Span<float> error)
    {
        var values = columns.Chunk(column, row);
        var most = Vector256.Create((float)problem.Format.HighestLevel);
        var weights = problem.Weights.Span;
        for (var index = 0; index < values.Length; index++)
        {
            if (row + index < problem.Outputs && weights[((row + index) * problem.Inputs) + input] == 0)
                levels[index] = -1;
            else
                levels[index] = 0;
        }
        for (var index = 0; index < values.Length; index += Vector256<float>.Count)
        {
            var (value, scale, zero) = (Vector256.Create<float>(values[index..]), Vector256.Create(scales[index..]), Vector256.Create(zeros[index..]));
            var level = Vector256.Min(Vector256.Max(Vector256.Round((value / scale) + zero), Vector256<float>.Zero), most);
            level = Vector256.ConditionalSelect(Vector256.Create<int>(levels[index..]).AsSingle(), zero, level);
            Vector256.ConvertToInt32(level).CopyTo(levels[index..]);
            ((value - ((level - zero) * scale)) * Vector256.Create(diagonal)).CopyTo(error[index..]);
        }
    }

    /// <summary>[outputs, groups] as [groups, stride].</summary>
    private static float[] ByGroup(float[] values, QuantizedMatrix grids, int stride, float missing)
    {
        var turned = new float[(long)stride * grids.Groups];
        Array.Fill(turned, missing);
        for (var output = 0; output < grids.Outputs; output++)
            for (var group = 0; group < grids.Groups; group++)
                turned[((long)group * stride) + output] = values[(output * grids.Groups) + group];
        return turned;
    }
}
