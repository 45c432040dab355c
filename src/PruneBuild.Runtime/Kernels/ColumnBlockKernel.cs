using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over blocks of one input (<see cref="ColumnBlockFloat32"/>, <see cref="ColumnBlockInt8Float32"/>): an activation,
/// broadcast, times the weights of a block. A block takes <typeparamref name="TWidth"/> vectors.
/// </summary>
internal static unsafe class ColumnBlockKernel<TTier, TVector, TWeights, TWidth>
    where TTier : struct, IFloat32Tier<TVector>
    where TVector : struct
    where TWeights : struct, IStoredWeights
    where TWidth : struct, IVectorCount
{
    public static IEnumerable<SparseKernel> Kernels(string format)
    {
        SparseKernel[] kernels =
        [
            new(format, TTier.Tier, RowBucket.One, &Single<Contiguous>, &Single<Indirect>),
            new(format, TTier.Tier, RowBucket.Few, &Tiles<Contiguous>, &Tiles<Indirect>),
        ];
        // Blocks of more vectors fill the accumulators with four rows already.
        return TWidth.Vectors > 1 ? kernels : [.. kernels, new(format, TTier.Tier, RowBucket.Many, &TallTiles<Contiguous>, &TallTiles<Indirect>)];
    }

    /// <summary>One row at a time, four vectors in flight: vector i of a step is part i mod width of block i / width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single<TAddress>(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        var vectorBytes = TTier.Lanes * TWeights.Bytes;
        var blockOutputs = TTier.Lanes * TWidth.Vectors;
        var starts = job->GroupStarts;
        var offsets = job->Offsets;
        for (; row < rowEnd; row++)
        {
            var x = job->X + row * job->XStride;
            var y = job->Y + row * job->YStride;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var index = job->Indices + starts[group];
                var end = job->Indices + starts[group + 1];
                var block = job->Values + (nint)starts[group] * (vectorBytes * TWidth.Vectors);
                TVector a = default, b = default, c = default, d = default;
                for (; index + 4 / TWidth.Vectors <= end; index += 4 / TWidth.Vectors)
                {
                    WeightStream.Prefetch(block, 4 * vectorBytes);
                    var value = TTier.Broadcast(x[TAddress.Of(offsets, index[0], 1)]);
                    a = TTier.MultiplyAdd(value, TWeights.Load<TTier, TVector>(block), a);
                    if (TWidth.Vectors == 1)
                        value = TTier.Broadcast(x[TAddress.Of(offsets, index[1], 1)]);
                    b = TTier.MultiplyAdd(value, TWeights.Load<TTier, TVector>(block + vectorBytes), b);
                    if (TWidth.Vectors <= 2)
                        value = TTier.Broadcast(x[TAddress.Of(offsets, index[2 / TWidth.Vectors], 1)]);
                    c = TTier.MultiplyAdd(value, TWeights.Load<TTier, TVector>(block + 2 * vectorBytes), c);
                    if (TWidth.Vectors == 1)
                        value = TTier.Broadcast(x[TAddress.Of(offsets, index[3], 1)]);
                    d = TTier.MultiplyAdd(value, TWeights.Load<TTier, TVector>(block + 3 * vectorBytes), d);
                    block += 4 * vectorBytes;
                }

                for (; index < end; index++)
                {
                    var value = TTier.Broadcast(x[TAddress.Of(offsets, index[0], 1)]);
                    a = TTier.MultiplyAdd(value, TWeights.Load<TTier, TVector>(block), a);
                    if (TWidth.Vectors > 1)
                        b = TTier.MultiplyAdd(value, TWeights.Load<TTier, TVector>(block + vectorBytes), b);
                    block += TWidth.Vectors * vectorBytes;
                }

                var output = group * blockOutputs;
                if (TWidth.Vectors == 1)
                    a = TTier.Add(TTier.Add(a, b), TTier.Add(c, d));
                if (TWidth.Vectors == 2)
                    (a, b) = (TTier.Add(a, c), TTier.Add(b, d));
                Finish(a, job, output, y);
                if (TWidth.Vectors > 1)
                    Finish(b, job, output + TTier.Lanes, y);
                if (TWidth.Vectors > 2)
                {
                    Finish(c, job, output + 2 * TTier.Lanes, y);
                    Finish(d, job, output + 3 * TTier.Lanes, y);
                }
            }
        }
    }

    private static void TallTiles<TAddress>(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        var tiled = row + (rowEnd - row) / 8 * 8;
        Tile<EightRows, TAddress>(job, row, tiled, group, groupEnd);
        Tiles<TAddress>(job, tiled, rowEnd, group, groupEnd);
    }

    private static void Tiles<TAddress>(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        if (TWidth.Vectors < 4)
        {
            var tiled = row + (rowEnd - row) / 4 * 4;
            Tile<FourRows, TAddress>(job, row, tiled, group, groupEnd);
            if (rowEnd - tiled == 3)
            {
                Tile<ThreeRows, TAddress>(job, tiled, rowEnd, group, groupEnd);
                return;
            }

            row = tiled;
        }

        var paired = row + (rowEnd - row) / 2 * 2;
        Tile<TwoRows, TAddress>(job, row, paired, group, groupEnd);
        Single<TAddress>(job, paired, rowEnd, group, groupEnd);
    }

    /// <summary>
    /// Rows of one tile together: a block is read once for all of them. Accumulator i is part i mod width of row i / width. The
    /// number of rows is a multiple of the tile; a tile has at most 8 accumulators.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows, TAddress>(SparseJob* job, int firstRow, int rowEnd, int group, int groupEnd)
        where TRows : struct, IRowTile
        where TAddress : struct, IUnitAddress
    {
        var vectorBytes = TTier.Lanes * TWeights.Bytes;
        var starts = job->GroupStarts;
        var offsets = job->Offsets;
        var stride = job->XStride;
        var sums = TRows.Rows * TWidth.Vectors;
        for (; group < groupEnd; group++)
        {
            var end = job->Indices + starts[group + 1];
            for (var row = firstRow; row < rowEnd; row += TRows.Rows)
            {
                var x = job->X + row * stride;
                var index = job->Indices + starts[group];
                var block = job->Values + (nint)starts[group] * (vectorBytes * TWidth.Vectors);
                TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
                for (; index < end; index++)
                {
                    var at = x + TAddress.Of(offsets, index[0], 1);
                    var w0 = TWeights.Load<TTier, TVector>(block);
                    var w1 = TWidth.Vectors > 1 ? TWeights.Load<TTier, TVector>(block + vectorBytes) : w0;
                    var w2 = TWidth.Vectors > 2 ? TWeights.Load<TTier, TVector>(block + 2 * vectorBytes) : w0;
                    var w3 = TWidth.Vectors > 2 ? TWeights.Load<TTier, TVector>(block + 3 * vectorBytes) : w1;
                    block += TWidth.Vectors * vectorBytes;
                    var value = TTier.Broadcast(*at);
                    s0 = TTier.MultiplyAdd(value, w0, s0);
                    if (TWidth.Vectors == 1)
                        value = TTier.Broadcast(at[stride]);
                    s1 = TTier.MultiplyAdd(value, w1, s1);
                    if (sums > 2)
                    {
                        if (TWidth.Vectors <= 2)
                            value = TTier.Broadcast(at[2 / TWidth.Vectors * stride]);
                        s2 = TTier.MultiplyAdd(value, w2, s2);
                    }

                    if (sums > 3)
                    {
                        if (TWidth.Vectors == 1)
                            value = TTier.Broadcast(at[3 * stride]);
                        s3 = TTier.MultiplyAdd(value, w3, s3);
                    }

                    if (sums > 4)
                    {
                        at += 4 / TWidth.Vectors * stride;
                        value = TTier.Broadcast(*at);
                        s4 = TTier.MultiplyAdd(value, w0, s4);
                        if (TWidth.Vectors == 1)
                            value = TTier.Broadcast(at[stride]);
                        s5 = TTier.MultiplyAdd(value, w1, s5);
                    }

                    if (sums > 6)
                    {
                        if (TWidth.Vectors <= 2)
                            value = TTier.Broadcast(at[2 / TWidth.Vectors * stride]);
                        s6 = TTier.MultiplyAdd(value, w2, s6);
                        if (TWidth.Vectors == 1)
                            value = TTier.Broadcast(at[3 * stride]);
                        s7 = TTier.MultiplyAdd(value, w3, s7);
                    }
                }

                FinishPart<TRows>(s0, job, row, group, 0);
                FinishPart<TRows>(s1, job, row, group, 1);
                FinishPart<TRows>(s2, job, row, group, 2);
                FinishPart<TRows>(s3, job, row, group, 3);
                FinishPart<TRows>(s4, job, row, group, 4);
                FinishPart<TRows>(s5, job, row, group, 5);
                FinishPart<TRows>(s6, job, row, group, 6);
                FinishPart<TRows>(s7, job, row, group, 7);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FinishPart<TRows>(TVector sum, SparseJob* job, int row, int group, int part) where TRows : struct, IRowTile
    {
        if (part < TRows.Rows * TWidth.Vectors)
            Finish(sum, job, (group * TWidth.Vectors + part % TWidth.Vectors) * TTier.Lanes, job->Y + (row + part / TWidth.Vectors) * job->YStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(TVector sum, SparseJob* job, int output, float* y)
    {
        if (TWeights.IsScaled)
            sum = TTier.Multiply(sum, TTier.Load(job->OutputScales + output));
        TTier.Finish(sum, job->Bias == null ? null : job->Bias + output, job->Relu, y + output);
    }
}
