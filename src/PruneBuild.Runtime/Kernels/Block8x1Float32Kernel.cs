using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over <see cref="Block8x1Float32"/>, compiled once per ISA tier. Block i of a group always goes to chain i mod 4 and
/// the chains are joined as (c0 + c1) + (c2 + c3), whatever the number of rows: a row of a batch has the bits of a row alone.
/// </summary>
internal static unsafe class Block8x1Float32Kernel<TSums> where TSums : struct, IFloat32Sums<TSums>
{
    public static IEnumerable<SparseKernel> Kernels(KernelTier tier) =>
    [
        new(Block8x1Float32.FormatName, tier, RowBucket.One, &OneRow),
        new(Block8x1Float32.FormatName, tier, RowBucket.Few, &Tiles),
    ];

    private static void Tiles(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var tiled = row + (rowEnd - row) / 4 * 4;
        FourRows(job, row, tiled, group, groupEnd);
        OneRow(job, tiled, rowEnd, group, groupEnd);
    }

    /// <summary>One row at a time, four chains in flight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
    {
        var starts = job->GroupStarts;
        for (; row < rowEnd; row++)
        {
            var x = job->X + row * job->XStride;
            var y = job->Y + row * job->YStride;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var index = job->Indices + starts[group];
                var end = job->Indices + starts[group + 1];
                var block = (float*)job->Values + (nint)starts[group] * 8;
                TSums a = default, b = default, c = default, d = default;
                for (; index + 4 <= end; index += 4)
                {
                    a = TSums.MultiplyAdd(a, x + index[0], block);
                    b = TSums.MultiplyAdd(b, x + index[1], block + 8);
                    c = TSums.MultiplyAdd(c, x + index[2], block + 16);
                    d = TSums.MultiplyAdd(d, x + index[3], block + 24);
                    block += 32;
                }

                if (index < end)
                    a = TSums.MultiplyAdd(a, x + index[0], block);
                if (index + 1 < end)
                    b = TSums.MultiplyAdd(b, x + index[1], block + 8);
                if (index + 2 < end)
                    c = TSums.MultiplyAdd(c, x + index[2], block + 16);

                var bias = job->Bias == null ? null : job->Bias + group * 8;
                TSums.Store(TSums.Add(TSums.Add(a, b), TSums.Add(c, d)), bias, job->Relu, y + group * 8);
            }
        }
    }

    /// <summary>
    /// Four rows at a time. Sixteen accumulators would not fit in 16 registers, so chains 0 and 1 run first and 2 and 3 after;
    /// the two passes read different cache lines of the blocks. The number of rows is a multiple of 4.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(SparseJob* job, int firstRow, int rowEnd, int group, int groupEnd)
    {
        var starts = job->GroupStarts;
        var stride = job->XStride;
        for (; group < groupEnd; group++)
        {
            var first = job->Indices + starts[group];
            var end = job->Indices + starts[group + 1];
            var firstBlock = (float*)job->Values + (nint)starts[group] * 8;
            var bias = job->Bias == null ? null : job->Bias + group * 8;
            for (var row = firstRow; row < rowEnd; row += 4)
            {
                var x0 = job->X + row * stride;
                var x1 = x0 + stride;
                var x2 = x1 + stride;
                var x3 = x2 + stride;
                TSums sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                for (var pass = 0; pass < 4; pass += 2)
                {
                    TSums a0 = default, a1 = default, a2 = default, a3 = default;
                    TSums b0 = default, b1 = default, b2 = default, b3 = default;
                    var index = first + pass;
                    var block = firstBlock + pass * 8;
                    for (; index + 1 < end; index += 4)
                    {
                        nint input = index[0];
                        a0 = TSums.MultiplyAdd(a0, x0 + input, block);
                        a1 = TSums.MultiplyAdd(a1, x1 + input, block);
                        a2 = TSums.MultiplyAdd(a2, x2 + input, block);
                        a3 = TSums.MultiplyAdd(a3, x3 + input, block);
                        input = index[1];
                        b0 = TSums.MultiplyAdd(b0, x0 + input, block + 8);
                        b1 = TSums.MultiplyAdd(b1, x1 + input, block + 8);
                        b2 = TSums.MultiplyAdd(b2, x2 + input, block + 8);
                        b3 = TSums.MultiplyAdd(b3, x3 + input, block + 8);
                        block += 32;
                    }

                    if (index < end)
                    {
                        nint input = index[0];
                        a0 = TSums.MultiplyAdd(a0, x0 + input, block);
                        a1 = TSums.MultiplyAdd(a1, x1 + input, block);
                        a2 = TSums.MultiplyAdd(a2, x2 + input, block);
                        a3 = TSums.MultiplyAdd(a3, x3 + input, block);
                    }

                    a0 = TSums.Add(a0, b0);
                    a1 = TSums.Add(a1, b1);
                    a2 = TSums.Add(a2, b2);
                    a3 = TSums.Add(a3, b3);
                    sum0 = pass == 0 ? a0 : TSums.Add(sum0, a0);
                    sum1 = pass == 0 ? a1 : TSums.Add(sum1, a1);
                    sum2 = pass == 0 ? a2 : TSums.Add(sum2, a2);
                    sum3 = pass == 0 ? a3 : TSums.Add(sum3, a3);
                }

                var y = job->Y + row * job->YStride + group * 8;
                TSums.Store(sum0, bias, job->Relu, y);
                TSums.Store(sum1, bias, job->Relu, y + job->YStride);
                TSums.Store(sum2, bias, job->Relu, y + 2 * job->YStride);
                TSums.Store(sum3, bias, job->Relu, y + 3 * job->YStride);
            }
        }
    }
}
