using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over <see cref="NofMInt4"/>, compiled once per pattern and ISA tier: a run of up to 16 steps is summed in 16 bits,
/// then folded with its scales. Leaf methods, as all hot loops.
/// </summary>
internal sealed unsafe class NofMInt4Kernel<TPattern, TTier, TBytes, TPartial, TSums> : NofMKernel<TPattern, TTier, TBytes, TPartial, TSums>
    where TPattern : struct, INofM
    where TTier : struct, IInt8Tier<TBytes, TPartial, TSums>
    where TBytes : struct
    where TPartial : struct
    where TSums : struct
{
    private const int PairBytes = 32;

    public static IEnumerable<SparseKernel> Kernels() =>
    [
        new($"{TPattern.Name}.int4", TTier.Tier, RowBucket.One, &Single<Contiguous>, &Single<Indirect>),
        new($"{TPattern.Name}.int4", TTier.Tier, RowBucket.Few, &Tiles<Contiguous>, &Tiles<Indirect>),
    ];

    private static int ChunkBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => NofMFormat.PositionBytes + StepsPerChunk / 2 * PairBytes;
    }

    private static int UnitsPerRun
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => NofMInt4.StepsPerRun / TPattern.StepsPerUnit;
    }

    /// <summary>The weights of even steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes Low(TBytes nibbles) => TTier.Int4(TTier.And(nibbles, 15));

    /// <summary>The weights of odd steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes High(TBytes nibbles) => TTier.Int4(TTier.And(TTier.ShiftRight(nibbles, 4), 15));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single<TAddress>(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        var offsets = job->Offsets;
        nint units = (job->Inputs + TPattern.InputsPerUnit - 1) / TPattern.InputsPerUnit;
        var groupBytes = (units + UnitsPerChunk - 1) / UnitsPerChunk * ChunkBytes;
        var groupScales = (units + UnitsPerRun - 1) / UnitsPerRun * 8;
        for (; row < rowEnd; row++)
        {
            var x = job->Quantized + row * job->QuantizedStride;
            var y = job->Y + row * job->YStride;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var chunk = job->Values + group * groupBytes;
                var scales = job->RunScales + group * groupScales;
                var sums = TTier.LoadSums(job->ZeroPointSums + group * 8);
                for (nint unit = 0; unit < units;)
                {
                    var runEnd = Math.Min(unit + UnitsPerRun, units);
                    TPartial a = default;
                    for (; unit + UnitsPerChunk <= runEnd; unit += UnitsPerChunk)
                    {
                        WeightStream.Prefetch(chunk, ChunkBytes);
                        var positions = TTier.Load(chunk);
                        var nibbles = TTier.Load(chunk + 32);
                        a = TTier.DotPartial(a, Pick(x + UnitAt<TAddress>(offsets, unit), Picks(positions)), Low(nibbles));
                        a = TTier.DotPartial(a, Pick(x + UnitAt<TAddress>(offsets, unit + (UnitsPerChunk > 1 ? 1 : 0)), Picks(Next(positions))), High(nibbles));
                        if (StepsPerChunk > 2)
                        {
                            nibbles = TTier.Load(chunk + 64);
                            a = TTier.DotPartial(a, Pick(x + UnitAt<TAddress>(offsets, unit + 2), Picks(Second(positions))), Low(nibbles));
                            a = TTier.DotPartial(a, Pick(x + UnitAt<TAddress>(offsets, unit + 3), Picks(Third(positions))), High(nibbles));
                        }

                        chunk += ChunkBytes;
                    }

                    // The last chunk, when units do not fill it; its other steps have no activations to read.
                    if (unit < runEnd)
                    {
                        var positions = TTier.Load(chunk);
                        var nibbles = TTier.Load(chunk + 32);
                        a = TTier.DotPartial(a, Pick(x + UnitAt<TAddress>(offsets, unit), Picks(positions)), Low(nibbles));
                        if (StepsPerChunk > 2 && unit + 1 < runEnd)
                            a = TTier.DotPartial(a, Pick(x + UnitAt<TAddress>(offsets, unit + 1), Picks(Next(positions))), High(nibbles));
                        if (StepsPerChunk > 2 && unit + 2 < runEnd)
                            a = TTier.DotPartial(a, Pick(x + UnitAt<TAddress>(offsets, unit + 2), Picks(Second(positions))), Low(TTier.Load(chunk + 64)));
                        unit = runEnd;
                    }

                    sums = TTier.Fold(sums, a, scales);
                    scales += 8;
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

    /// <summary>Rows of one tile together: positions and nibbles are decoded once for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows, TAddress>(SparseJob* job, int firstRow, int rowEnd, int group, int groupEnd)
        where TRows : struct, IRowTile
        where TAddress : struct, IUnitAddress
    {
        var offsets = job->Offsets;
        var stride = job->QuantizedStride;
        nint units = (job->Inputs + TPattern.InputsPerUnit - 1) / TPattern.InputsPerUnit;
        var groupBytes = (units + UnitsPerChunk - 1) / UnitsPerChunk * ChunkBytes;
        var groupScales = (units + UnitsPerRun - 1) / UnitsPerRun * 8;
        for (; group < groupEnd; group++)
        {
            var bias = job->Bias == null ? null : job->Bias + group * 8;
            for (var row = firstRow; row < rowEnd; row += TRows.Rows)
            {
                var x0 = job->Quantized + row * stride;
                var x1 = x0 + stride;
                var x2 = x1 + stride;
                var x3 = x2 + stride;
                var chunk = job->Values + group * groupBytes;
                var scales = job->RunScales + group * groupScales;
                var sums0 = TTier.LoadSums(job->ZeroPointSums + group * 8);
                var sums1 = sums0;
                var sums2 = sums0;
                var sums3 = sums0;
                for (nint unit = 0; unit < units;)
                {
                    var runEnd = Math.Min(unit + UnitsPerRun, units);
                    TPartial a = default, b = default, c = default, d = default;
                    for (; unit < runEnd; unit += UnitsPerChunk)
                    {
                        var positions = TTier.Load(chunk);
                        var steps = TPattern.StepsPerUnit > 1 ? TPattern.StepsPerUnit : Math.Min(StepsPerChunk, runEnd - unit);
                        for (nint step = 0; step < steps; step++)
                        {
                            var at = UnitAt<TAddress>(offsets, TPattern.StepsPerUnit > 1 ? unit : unit + step);
                            var picks = Picks(positions);
                            var nibbles = TTier.Load(chunk + NofMFormat.PositionBytes + step / 2 * PairBytes);
                            var weights = (step & 1) == 0 ? Low(nibbles) : High(nibbles);
                            a = TTier.DotPartial(a, Pick(x0 + at, picks), weights);
                            if (TRows.Rows > 1)
                                b = TTier.DotPartial(b, Pick(x1 + at, picks), weights);
                            if (TRows.Rows > 2)
                                c = TTier.DotPartial(c, Pick(x2 + at, picks), weights);
                            if (TRows.Rows > 3)
                                d = TTier.DotPartial(d, Pick(x3 + at, picks), weights);
                            positions = Next(positions);
                        }

                        chunk += ChunkBytes;
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
