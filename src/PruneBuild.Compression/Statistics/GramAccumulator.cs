using System.Buffers;
using System.Runtime.Intrinsics;

namespace PruneBuild.Compression.Statistics;

/// <summary>Adds Xᵀ X of a panel of rows to an upper triangle, in tiles of 4 x 8 accumulators that stay in registers.</summary>
internal static unsafe class GramAccumulator
{
    /// <summary>Rows in a panel: one in FP64 of 1,000 features fits the second-level cache.</summary>
    public const int PanelRows = 128;

    private const int TileRows = 4;
    private const int TileColumns = 8;

    /// <param name="panel">At most <see cref="PanelRows"/> rows [T, K].</param>
    /// <param name="inputs">K.</param>
    /// <param name="sum">[K], added to.</param>
    /// <param name="gram">[K, K], upper triangle added to.</param>
    /// <param name="threads">Most threads to use; tiles are independent, so the result is the same for any.</param>
    public static void Add(ReadOnlySpan<float> panel, int inputs, double[] sum, double[] gram, int threads)
    {
        var stride = (inputs + TileColumns - 1) / TileColumns * TileColumns;
        var rows = panel.Length / inputs;
        var wide = ArrayPool<double>.Shared.Rent(rows * stride);
        for (var row = 0; row < rows; row++)
        {
            for (var input = 0; input < inputs; input++)
            {
                double value = panel[row * inputs + input];
                wide[row * stride + input] = value;
                sum[input] += value;
            }
        }

        var bands = stride / TileRows;
        if (threads <= 1 || inputs < 64)
        {
            for (var band = 0; band < bands; band++)
                AddBand(wide, stride, rows, band * TileRows, inputs, gram);
        }
        else
        {
            Parallel.For(0, bands, new ParallelOptions { MaxDegreeOfParallelism = threads },
                band => AddBand(wide, stride, rows, band * TileRows, inputs, gram));
        }
        ArrayPool<double>.Shared.Return(wide);
    }

    // Columns past the last one hold whatever the pool left there; their products are never read.
    private static void AddBand(double[] wide, int stride, int rows, int first, int inputs, double[] gram)
    {
        if (first >= inputs)
            return;
        Span<double> tile = stackalloc double[TileRows * TileColumns];
        fixed (double* x = wide)
        {
            for (var column = first / TileColumns * TileColumns; column < stride; column += TileColumns)
            {
                Multiply(x + first, x + column, stride, rows, tile);
                for (var i = 0; i < TileRows && first + i < inputs; i++)
                    for (var j = Math.Max(0, first + i - column); j < TileColumns && column + j < inputs; j++)
                        gram[((long)(first + i) * inputs) + column + j] += tile[(i * TileColumns) + j];
            }
        }
    }

    // The product of two floats is exact in FP64, so a fused and an unfused multiply-add give the same bits here.
    private static void Multiply(double* left, double* right, int stride, int rows, Span<double> tile)
    {
        Vector256<double> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var row = 0; row < rows; row++)
        {
            var x0 = Vector256.Load(right);
            var x1 = Vector256.Load(right + 4);
            var y = Vector256.Create(left[0]);
            a0 = Vector256.MultiplyAddEstimate(y, x0, a0);
            a1 = Vector256.MultiplyAddEstimate(y, x1, a1);
            y = Vector256.Create(left[1]);
            b0 = Vector256.MultiplyAddEstimate(y, x0, b0);
            b1 = Vector256.MultiplyAddEstimate(y, x1, b1);
            y = Vector256.Create(left[2]);
            c0 = Vector256.MultiplyAddEstimate(y, x0, c0);
            c1 = Vector256.MultiplyAddEstimate(y, x1, c1);
            y = Vector256.Create(left[3]);
            d0 = Vector256.MultiplyAddEstimate(y, x0, d0);
            d1 = Vector256.MultiplyAddEstimate(y, x1, d1);
            left += stride;
            right += stride;
        }
        a0.CopyTo(tile);
        a1.CopyTo(tile[4..]);
        b0.CopyTo(tile[8..]);
        b1.CopyTo(tile[12..]);
        c0.CopyTo(tile[16..]);
        c1.CopyTo(tile[20..]);
        d0.CopyTo(tile[24..]);
        d1.CopyTo(tile[28..]);
    }
}
