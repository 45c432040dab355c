using PruneBuild.Compression.Criteria;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// The loop of GPTQ over any grids. Zeros are pruned weights and stay zero. Outputs with the same zeros are settled together on the Hessian of
/// what they keep: then a rounding error goes to weights that are there to take it, and none into columns that will be dropped again. Where
/// that would cost more than <see cref="MostOperations"/>, all outputs share the Hessian of all inputs, and what reaches a zero is handed on.
/// </summary>
internal static class LevelElimination
{
    /// <summary>Multiply-adds that factoring a Hessian for each set of zeros may take: about a minute on two cores.</summary>
    public const double MostOperations = 1e12;

    private const double Damping = 0.01;

    /// <summary>Chooses all levels.</summary>
    /// <param name="weights">W, [outputs, inputs].</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="hessian">H, [inputs, inputs].</param>
    /// <param name="levels">The grids; receive the levels.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <returns>False when H cannot be factored; some levels may be set then.</returns>
    public static bool Run(ReadOnlyMemory<float> weights, int outputs, int inputs, double[] hessian, ILevelGrid levels, ParallelOptions parallel)
    {
        var masks = SharedMasks.Of(weights.Span, outputs, inputs);
        if (masks.Sum(mask => Math.Pow(mask.Kept.Length, 3)) is var operations && (operations > MostOperations || masks is [{ Kept.Length: var all }] && all == inputs))
            return Settle(weights.Span, outputs, inputs, hessian, Order(hessian, inputs, [.. Enumerable.Range(0, inputs)]), levels, parallel);
        var factored = true;
        var alone = new ParallelOptions { MaxDegreeOfParallelism = 1, CancellationToken = parallel.CancellationToken };
        Parallel.ForEach(masks, parallel, mask =>
        {
            if (!SettleKept(weights, inputs, hessian, mask, levels, alone))
                Volatile.Write(ref factored, false);
        });
        return factored;
    }

    /// <summary>Settles columns in a given order on the Hessian of all inputs.</summary>
    /// <param name="order">The column of W at each place.</param>
    /// <returns>False when H cannot be factored.</returns>
    public static bool Settle(
        ReadOnlySpan<float> weights, int outputs, int inputs, double[] hessian, int[] order, ILevelGrid levels, ParallelOptions parallel)
    {
        if (InverseCholesky.Factor<float>(Select(hessian, inputs, order), order.Length, Damping) is not { } factor)
            return false;
        var columns = new ColumnMatrix(weights, outputs, inputs, order);
        ColumnElimination.Run(columns, factor, ColumnElimination.BatchColumns, new RoundingStep(levels, order), parallel);
        return true;
    }

    private static bool SettleKept(ReadOnlyMemory<float> weights, int inputs, double[] hessian, SharedMask mask, ILevelGrid levels, ParallelOptions parallel)
    {
        if (mask.Kept.Length == 0)
            return true;
        var part = new float[mask.Outputs.Length * mask.Kept.Length];
        for (var row = 0; row < mask.Outputs.Length; row++)
            for (var place = 0; place < mask.Kept.Length; place++)
                part[(row * mask.Kept.Length) + place] = weights.Span[(mask.Outputs[row] * inputs) + mask.Kept[place]];
        var kept = Select(hessian, inputs, mask.Kept);
        var order = Order(kept, mask.Kept.Length, [.. Enumerable.Range(0, mask.Kept.Length)]);
        return Settle(part, mask.Outputs.Length, mask.Kept.Length, kept, order, new PartOfLevels(levels, mask), parallel);
    }

    /// <summary>By descending energy.</summary>
    private static int[] Order(double[] hessian, int inputs, int[] columns) => [.. columns.OrderByDescending(input => hessian[((long)input * inputs) + input])];

    private static double[] Select(double[] hessian, int inputs, int[] columns)
    {
        var part = new double[(long)columns.Length * columns.Length];
        for (var row = 0; row < columns.Length; row++)
            for (var column = 0; column < columns.Length; column++)
                part[((long)row * columns.Length) + column] = hessian[((long)columns[row] * inputs) + columns[column]];
        return part;
    }

    /// <summary>The levels of some outputs and inputs, counted from 0.</summary>
    private sealed class PartOfLevels(ILevelGrid whole, SharedMask mask) : ILevelGrid
    {
        public int Lowest => whole.Lowest;

        public int Highest => whole.Highest;

        public void Load(int input, int row, Span<float> scales, Span<float> zeros, Span<int> pruned)
        {
            scales.Fill(1);
            zeros.Clear();
            for (var index = 0; index < Math.Min(scales.Length, mask.Outputs.Length - row); index++)
                whole.Load(mask.Kept[input], mask.Outputs[row + index], scales.Slice(index, 1), zeros.Slice(index, 1), pruned.Slice(index, 1));
        }

        public void Store(int input, int row, ReadOnlySpan<int> levels)
        {
            for (var index = 0; index < Math.Min(levels.Length, mask.Outputs.Length - row); index++)
                whole.Store(mask.Kept[input], mask.Outputs[row + index], levels.Slice(index, 1));
        }
    }
}
