using System.Buffers;
using System.Runtime.Intrinsics;

namespace PruneBuild.Compression.Statistics;

/// <summary>Adds products of the features of a panel of rows, in tiles of 4 x 8 accumulators that stay in registers.</summary>
internal static unsafe class GramAccumulator
{
    /// <summary>Rows in a panel: one in FP64 of 1,000 features fits the second-level cache.</summary>
    public const int PanelRows = 128;

    private const int TileRows = 4;
    private const int TileColumns = 8;

    /// <summary>Adds Σ x and the upper triangle of Σ x xᵀ.</summary>
    /// <param name="panel">At most <see cref="PanelRows"/> rows [T, K].</param>
    /// <param name="inputs">K.</param>
    /// <param name="sum">[K], added to.</param>
    /// <param name="gram">[K, K], upper triangle added to.</param>
    /// <param name="threads">Most threads to use; tiles are independent, so the result is the same for any.</param>
    public static void Add(ReadOnlySpan<float> panel, int inputs, double[] sum, double[] gram, int threads)
    {
        for (var start = 0; start < panel.Length; start += inputs)
            for (var input = 0; input < inputs; input++)
                sum[input] += panel[start + input];
        var wide = Widen(panel, inputs);
        AddTiles(wide, wide, panel.Length / inputs, inputs, gram, upperOnly: true, threads);
        ArrayPool<double>.Shared.Return(wide);
    }

    /// <summary>Adds Σ x̃ xᵀ.</summary>
    /// <param name="left">x̃, at most <see cref="PanelRows"/> rows [T, K].</param>
    /// <param name="right">x, [T, K].</param>
    /// <param name="inputs">K.</param>
    /// <param name="cross">[K, K], added to.</param>
    /// <param name="threads">Most threads to use; the result is the same for any.</param>
    public static void AddCross(ReadOnlySpan<float> left, ReadOnlySpan<float> right, int inputs, double[] cross, int threads)
    {
        var (wideLeft, wideRight) = (Widen(left, inputs), Widen(right, inputs));
        AddTiles(wideLeft, wideRight, left.Length / inputs, inputs, cross, upperOnly: false, threads);
        ArrayPool<double>.Shared.Return(wideLeft);
        ArrayPool<double>.Shared.Return(wideRight);
    }

    private static int Stride(int inputs) => (inputs + TileColumns - 1) / TileColumns * TileColumns;

    /// <summary>Rows in FP64, padded to whole tiles; columns past the last one hold whatever the pool left there.</summary>
    private static double[] Widen(ReadOnlySpan<float> panel, int inputs)
    {
        var stride = Stride(inputs);
        var rows = panel.Length / inputs;
        var wide = ArrayPool<double>.Shared.Rent(rows * stride);
        for (var row = 0; row < rows; row++)
            for (var input = 0; input < inputs; input++)
                wide[(row * stride) + input] = panel[(row * inputs) + input];
        return wide;
    }

    private static void AddTiles(double[] left, double[] right, int rows, int inputs, double[] products, bool upperOnly, int threads)
    {
        var bands = (inputs + TileRows - 1) / TileRows;
        if (threads <= 1 || inputs < 64)
        {
            for (var band = 0; band < bands; band++)
                AddBand(left, right, rows, band * TileRows, inputs, products, upperOnly);
        }
        else
        {
            Parallel.For(0, bands, new ParallelOptions { MaxDegreeOfParallelism = threads },
                band => AddBand(left, right, rows, band * TileRows, inputs, products, upperOnly));
        }
    }

    // Products of the padding are computed and never read.
    private static void AddBand(double[] left, double[] right, int rows, int first, int inputs, double[] products, bool upperOnly)
    {
        var stride = Stride(inputs);
        Span<double> tile = stackalloc double[TileRows * TileColumns];
        fixed (double* x = left, y = right)
        {
            for (var column = upperOnly ? first / TileColumns * TileColumns : 0; column < stride; column += TileColumns)
            {
                Multiply(x + first, y + column, stride, rows, tile);
                for (var i = 0; i < TileRows && first + i < inputs; i++)
                    for (var j = upperOnly ? Math.Max(0, first + i - column) : 0; j < TileColumns && column + j < inputs; j++)
                        products[((long)(first + i) * inputs) + column + j] += tile[(i * TileColumns) + j];
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
