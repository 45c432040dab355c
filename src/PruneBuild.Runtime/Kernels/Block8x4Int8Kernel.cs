using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over <see cref="Block8x4Int8"/>, compiled once per ISA tier. They are leaf methods: a call inside would make
/// the JIT spill every accumulator on every block, since no vector register survives a call.
/// </summary>
internal static unsafe class Block8x4Int8Kernel<TTier, TBytes, TPartial, TSums>
    where TTier : struct, IInt8Tier<TBytes, TPartial, TSums>
    where TBytes : struct
    where TPartial : struct
    where TSums : struct
{
    private const int BlockBytes = 32;

    public static IEnumerable<SparseKernel> Kernels() =>
    [
        new(Block8x4Int8.FormatName, TTier.Tier, RowBucket.One, &Single<Contiguous>, &Single<Indirect>),
        new(Block8x4Int8.FormatName, TTier.Tier, RowBucket.Few, &Tiles<Contiguous>, &Tiles<Indirect>),
    ];

    /// <summary>One row at a time; four blocks in flight hide the latency of the dot instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single<TAddress>(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        var starts = job->GroupStarts;
        var scales = job->OutputScales;
        var offsets = job->Offsets;
        for (; row < rowEnd; row++)
        {
            var x = job->Quantized + row * job->QuantizedStride;
            var y = job->Y + row * job->YStride;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var index = job->Indices + starts[group];
                var end = job->Indices + starts[group + 1];
                var block = job->Values + (nint)starts[group] * BlockBytes;
                var a = TTier.LoadSums(job->ZeroPointSums + group * 8);
                TSums b = default, c = default, d = default;
                for (; index + 4 <= end; index += 4)
                {
                    WeightStream.Prefetch(block, 128);
                    a = TTier.Dot(a, TTier.Quad(x + TAddress.Of(offsets, index[0], 4)), TTier.Load(block));
                    b = TTier.Dot(b, TTier.Quad(x + TAddress.Of(offsets, index[1], 4)), TTier.Load(block + 32));
                    c = TTier.Dot(c, TTier.Quad(x + TAddress.Of(offsets, index[2], 4)), TTier.Load(block + 64));
                    d = TTier.Dot(d, TTier.Quad(x + TAddress.Of(offsets, index[3], 4)), TTier.Load(block + 96));
                    block += 128;
                }

                for (; index < end; index++)
                {
                    a = TTier.Dot(a, TTier.Quad(x + TAddress.Of(offsets, index[0], 4)), TTier.Load(block));
                    block += BlockBytes;
                }

                var bias = job->Bias == null ? null : job->Bias + group * 8;
                TTier.Store(TTier.Add(TTier.Add(a, b), TTier.Add(c, d)), job->RowScales[row], scales + group * 8, bias, job->Relu, y + group * 8);
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

    /// <summary>Rows of one tile together: a block is read once for all of them. The number of rows is a multiple of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows, TAddress>(SparseJob* job, int firstRow, int rowEnd, int group, int groupEnd)
        where TRows : struct, IRowTile
        where TAddress : struct, IUnitAddress
    {
        var starts = job->GroupStarts;
        var scales = job->OutputScales;
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
                var block = job->Values + (nint)starts[group] * BlockBytes;
                var a = TTier.LoadSums(job->ZeroPointSums + group * 8);
                var b = a;
                var c = a;
                var d = a;
                for (; index < end; index++)
                {
                    var at = TAddress.Of(offsets, index[0], 4);
                    var weights = TTier.Load(block);
                    a = TTier.Dot(a, TTier.Quad(x0 + at), weights);
                    if (TRows.Rows > 1)
                        b = TTier.Dot(b, TTier.Quad(x1 + at), weights);
                    if (TRows.Rows > 2)
                        c = TTier.Dot(c, TTier.Quad(x2 + at), weights);
                    if (TRows.Rows > 3)
                        d = TTier.Dot(d, TTier.Quad(x3 + at), weights);
                    block += BlockBytes;
                }

                var y = job->Y + row * job->YStride + group * 8;
                TTier.Store(a, job->RowScales[row], scales + group * 8, bias, job->Relu, y);
                if (TRows.Rows > 1)
                    TTier.Store(b, job->RowScales[row + 1], scales + group * 8, bias, job->Relu, y + job->YStride);
                if (TRows.Rows > 2)
                    TTier.Store(c, job->RowScales[row + 2], scales + group * 8, bias, job->Relu, y + 2 * job->YStride);
                if (TRows.Rows > 3)
                    TTier.Store(d, job->RowScales[row + 3], scales + group * 8, bias, job->Relu, y + 3 * job->YStride);
            }
        }
    }
}
