using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over <see cref="Block8x4Int4"/>, compiled once per ISA tier: a run of up to 16 blocks is summed in 16 bits, then
/// folded with its scales. Blocks come in pairs, one per nibble.
/// </summary>
internal static unsafe class Block8x4Int4Kernel<TTier, TBytes, TPartial, TSums>
    where TTier : struct, IInt8Tier<TBytes, TPartial, TSums>
    where TBytes : struct
    where TPartial : struct
    where TSums : struct
{
    private const int PairBytes = 32;

    public static IEnumerable<SparseKernel> Kernels() =>
    [
        new(Block8x4Int4.FormatName, TTier.Tier, RowBucket.One, &Single<Contiguous>, &Single<Indirect>),
        new(Block8x4Int4.FormatName, TTier.Tier, RowBucket.Few, &Tiles<Contiguous>, &Tiles<Indirect>),
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single<TAddress>(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        var starts = job->GroupStarts;
        var offsets = job->Offsets;
        for (; row < rowEnd; row++)
        {
            var x = job->Quantized + row * job->QuantizedStride;
            var y = job->Y + row * job->YStride;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var index = job->Indices + starts[group];
                var end = job->Indices + starts[group + 1];
                var pair = job->Values + (nint)(starts[group] / 2) * PairBytes;
                var scales = job->RunScales + (nint)job->RunStarts[group] * 8;
                var sums = TTier.LoadSums(job->ZeroPointSums + group * 8);
                for (; index + Block8x4Int4.BlocksPerRun <= end; index += Block8x4Int4.BlocksPerRun)
                {
                    TPartial a = default;
                    for (var i = 0; i < Block8x4Int4.BlocksPerRun; i += 4)
                    {
                        WeightStream.Prefetch(pair, 64);
                        var first = TTier.Load(pair);
                        var second = TTier.Load(pair + PairBytes);
                        a = TTier.DotPartial(a, TTier.Quad(x + TAddress.Of(offsets, index[i], 4)), TTier.Int4(TTier.And(first, 15)));
                        a = TTier.DotPartial(a, TTier.Quad(x + TAddress.Of(offsets, index[i + 1], 4)), TTier.Int4(TTier.And(TTier.ShiftRight(first, 4), 15)));
                        a = TTier.DotPartial(a, TTier.Quad(x + TAddress.Of(offsets, index[i + 2], 4)), TTier.Int4(TTier.And(second, 15)));
                        a = TTier.DotPartial(a, TTier.Quad(x + TAddress.Of(offsets, index[i + 3], 4)), TTier.Int4(TTier.And(TTier.ShiftRight(second, 4), 15)));
                        pair += 2 * PairBytes;
                    }

                    sums = TTier.Fold(sums, a, scales);
                    scales += 8;
                }

                if (index < end)
                {
                    TPartial a = default;
                    for (; index < end; index += 2)
                    {
                        var nibbles = TTier.Load(pair);
                        a = TTier.DotPartial(a, TTier.Quad(x + TAddress.Of(offsets, index[0], 4)), TTier.Int4(TTier.And(nibbles, 15)));
                        a = TTier.DotPartial(a, TTier.Quad(x + TAddress.Of(offsets, index[1], 4)), TTier.Int4(TTier.And(TTier.ShiftRight(nibbles, 4), 15)));
                        pair += PairBytes;
                    }

                    sums = TTier.Fold(sums, a, scales);
                }

                var bias = job->Bias == null ? null : job->Bias + group * 8;
                TTier.Store(sums, job->RowScales[row], job->OutputScales + group * 8, bias, job->Relu, y + group * 8);
            }
        }
    }

    private static void Tiles<TAddress>(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        var tiled = row + (rowEnd - row) / 4 * 4;
        Tile<FourRows, TAddress>(job, row, tiled, group, groupEnd);
        switch (rowEnd - tiled)
        {
            case 1:
                Single<TAddress>(job, tiled, rowEnd, group, groupEnd);
                break;
            case 2:
                Tile<TwoRows, TAddress>(job, tiled, rowEnd, group, groupEnd);
                break;
            case 3:
                Tile<ThreeRows, TAddress>(job, tiled, rowEnd, group, groupEnd);
                break;
        }
    }

    /// <summary>Rows of one tile together: nibbles are decoded once for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows, TAddress>(SparseJob* job, int firstRow, int rowEnd, int group, int groupEnd)
        where TRows : struct, IRowTile
        where TAddress : struct, IUnitAddress
    {
        var starts = job->GroupStarts;
        var offsets = job->Offsets;
        var stride = job->QuantizedStride;
        for (; group < groupEnd; group++)
        {
            var end = job->Indices + starts[group + 1];
            var bias = job->Bias == null ? null : job->Bias + group * 8;
            for (var row = firstRow; row < rowEnd; row += TRows.Rows)
            {
                var x0 = job->Quantized + row * stride;
                var x1 = x0 + stride;
                var x2 = x1 + stride;
                var x3 = x2 + stride;
                var index = job->Indices + starts[group];
                var pair = job->Values + (nint)(starts[group] / 2) * PairBytes;
                var scales = job->RunScales + (nint)job->RunStarts[group] * 8;
                var sums0 = TTier.LoadSums(job->ZeroPointSums + group * 8);
                var sums1 = sums0;
                var sums2 = sums0;
                var sums3 = sums0;
                while (index < end)
                {
                    var runEnd = index + Block8x4Int4.BlocksPerRun < end ? index + Block8x4Int4.BlocksPerRun : end;
                    TPartial a = default, b = default, c = default, d = default;
                    for (; index < runEnd; index += 2)
                    {
                        var nibbles = TTier.Load(pair);
                        pair += PairBytes;
                        var at = TAddress.Of(offsets, index[0], 4);
                        var weights = TTier.Int4(TTier.And(nibbles, 15));
                        a = TTier.DotPartial(a, TTier.Quad(x0 + at), weights);
                        if (TRows.Rows > 1)
                            b = TTier.DotPartial(b, TTier.Quad(x1 + at), weights);
                        if (TRows.Rows > 2)
                            c = TTier.DotPartial(c, TTier.Quad(x2 + at), weights);
                        if (TRows.Rows > 3)
                            d = TTier.DotPartial(d, TTier.Quad(x3 + at), weights);
                        at = TAddress.Of(offsets, index[1], 4);
                        weights = TTier.Int4(TTier.And(TTier.ShiftRight(nibbles, 4), 15));
                        a = TTier.DotPartial(a, TTier.Quad(x0 + at), weights);
                        if (TRows.Rows > 1)
                            b = TTier.DotPartial(b, TTier.Quad(x1 + at), weights);
                        if (TRows.Rows > 2)
                            c = TTier.DotPartial(c, TTier.Quad(x2 + at), weights);
                        if (TRows.Rows > 3)
                            d = TTier.DotPartial(d, TTier.Quad(x3 + at), weights);
                    }

                    sums0 = TTier.Fold(sums0, a, scales);
                    if (TRows.Rows > 1)
                        sums1 = TTier.Fold(sums1, b, scales);
                    if (TRows.Rows > 2)
                        sums2 = TTier.Fold(sums2, c, scales);
                    if (TRows.Rows > 3)
                        sums3 = TTier.Fold(sums3, d, scales);
                    scales += 8;
                }

                var y = job->Y + row * job->YStride + group * 8;
                var outputScales = job->OutputScales + group * 8;
                TTier.Store(sums0, job->RowScales[row], outputScales, bias, job->Relu, y);
                if (TRows.Rows > 1)
                    TTier.Store(sums1, job->RowScales[row + 1], outputScales, bias, job->Relu, y + job->YStride);
                if (TRows.Rows > 2)
                    TTier.Store(sums2, job->RowScales[row + 2], outputScales, bias, job->Relu, y + 2 * job->YStride);
                if (TRows.Rows > 3)
                    TTier.Store(sums3, job->RowScales[row + 3], outputScales, bias, job->Relu, y + 3 * job->YStride);
            }
        }
    }
}
