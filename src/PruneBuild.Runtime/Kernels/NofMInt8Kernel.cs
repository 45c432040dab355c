using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over <see cref="NofMInt8"/> and <see cref="NofMOverflowInt8"/>, compiled once per pattern and ISA tier. Leaf methods,
/// as all hot loops.
/// </summary>
internal sealed unsafe class NofMInt8Kernel<TPattern, TTier, TBytes, TPartial, TSums> : NofMKernel<TPattern, TTier, TBytes, TPartial, TSums>
    where TPattern : struct, INofM
    where TTier : struct, IInt8Tier<TBytes, TPartial, TSums>
    where TBytes : struct
    where TPartial : struct
    where TSums : struct
{
    private const int StepBytes = 32;

    public static IEnumerable<SparseKernel> Kernels() =>
    [
        new($"{TPattern.Name}.int8", TTier.Tier, RowBucket.One, &Single<Contiguous, NoOverflow>, &Single<Indirect, NoOverflow>),
        new($"{TPattern.Name}.int8", TTier.Tier, RowBucket.Few, &Tiles<Contiguous, NoOverflow>, &Tiles<Indirect, NoOverflow>),
    ];

    public static IEnumerable<SparseKernel> OverflowKernels() =>
    [
        new($"{TPattern.Name}+overflow.int8", TTier.Tier, RowBucket.One, &Single<Contiguous, SomeOverflow>, &Single<Indirect, SomeOverflow>),
        new($"{TPattern.Name}+overflow.int8", TTier.Tier, RowBucket.Few, &Tiles<Contiguous, SomeOverflow>, &Tiles<Indirect, SomeOverflow>),
    ];

    private static int ChunkBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => NofMFormat.PositionBytes + StepsPerChunk * StepBytes;
    }

    /// <summary>One row at a time, a whole chunk of positions at a time; two sums hide the latency of the dot instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single<TAddress, TOverflow>(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
        where TAddress : struct, IUnitAddress
        where TOverflow : struct, IOverflow
    {
        var overflowing = stackalloc int[8];
        var offsets = job->Offsets;
        nint units = (job->Inputs + TPattern.InputsPerUnit - 1) / TPattern.InputsPerUnit;
        var wholeUnits = units / UnitsPerChunk * UnitsPerChunk;
        var groupBytes = (units + UnitsPerChunk - 1) / UnitsPerChunk * ChunkBytes;
        for (; row < rowEnd; row++)
        {
            var x = job->Quantized + row * job->QuantizedStride;
            var y = job->Y + row * job->YStride;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                uint* entry = null, roundsEnd = null, overflowEnd = null;
                if (TOverflow.Exists)
                {
                    entry = job->Overflow + job->OverflowStarts[2 * group];
                    roundsEnd = job->Overflow + job->OverflowStarts[2 * group + 1];
                    overflowEnd = job->Overflow + job->OverflowStarts[2 * group + 2];
                    for (var i = 0; i < 8; i++)
                        overflowing[i] = 0;
                }

                var chunk = job->Values + group * groupBytes;
                var a = TTier.LoadSums(job->ZeroPointSums + group * 8);
                TSums b = default;
                nint unit = 0;
                for (; unit < wholeUnits; unit += UnitsPerChunk)
                {
                    // Rounds among the chunks, so that both streams of memory keep flowing.
                    if (TOverflow.Exists && entry < roundsEnd)
                    {
                        AddRound<TAddress>(overflowing, x, offsets, entry);
                        entry += 8;
                    }

                    WeightStream.Prefetch(chunk, ChunkBytes);
                    var positions = TTier.Load(chunk);
                    a = TTier.Dot(a, Pick(x + UnitAt<TAddress>(offsets, unit), Picks(positions)), TTier.Load(chunk + 32));
                    b = TTier.Dot(b, Pick(x + UnitAt<TAddress>(offsets, unit + (UnitsPerChunk > 1 ? 1 : 0)), Picks(Next(positions))), TTier.Load(chunk + 64));
                    if (StepsPerChunk > 2)
                    {
                        a = TTier.Dot(a, Pick(x + UnitAt<TAddress>(offsets, unit + 2), Picks(Second(positions))), TTier.Load(chunk + 96));
                        b = TTier.Dot(b, Pick(x + UnitAt<TAddress>(offsets, unit + 3), Picks(Third(positions))), TTier.Load(chunk + 128));
                    }

                    chunk += ChunkBytes;
                }

                // Fewer units than the last chunk has positions for, with one step each: two steps a unit fill every chunk.
                if (unit < units)
                {
                    var positions = TTier.Load(chunk);
                    for (; unit < units; unit++)
                    {
                        chunk += StepBytes;
                        a = TTier.Dot(a, Pick(x + UnitAt<TAddress>(offsets, unit), Picks(positions)), TTier.Load(chunk));
                        positions = Next(positions);
                    }
                }

                a = TTier.Add(a, b);
                if (TOverflow.Exists)
                {
                    for (; entry < roundsEnd; entry += 8)
                        AddRound<TAddress>(overflowing, x, offsets, entry);
                    for (; entry < overflowEnd; entry++)
                        AddEntry<TAddress>(overflowing + (*entry >> 16 & 7), x, offsets, *entry);
                    a = TTier.Add(a, TTier.LoadSums(overflowing));
                }

                var bias = job->Bias == null ? null : job->Bias + group * 8;
                TTier.Store(a, job->RowScales[row], job->OutputScales + group * 8, bias, job->Relu, y + group * 8);
            }
        }
    }

    /// <summary>One overflowing weight of each output, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRound<TAddress>(int* sums, byte* x, int* offsets, uint* entries) where TAddress : struct, IUnitAddress
    {
        AddEntry<TAddress>(sums, x, offsets, entries[0]);
        AddEntry<TAddress>(sums + 1, x, offsets, entries[1]);
        AddEntry<TAddress>(sums + 2, x, offsets, entries[2]);
        AddEntry<TAddress>(sums + 3, x, offsets, entries[3]);
        AddEntry<TAddress>(sums + 4, x, offsets, entries[4]);
        AddEntry<TAddress>(sums + 5, x, offsets, entries[5]);
        AddEntry<TAddress>(sums + 6, x, offsets, entries[6]);
        AddEntry<TAddress>(sums + 7, x, offsets, entries[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddEntry<TAddress>(int* sum, byte* x, int* offsets, uint entry) where TAddress : struct, IUnitAddress
    {
        // The product first: one instruction then adds it in memory.
        var product = ((int)entry >> 24) * x[InputAt<TAddress>(offsets, (ushort)entry)];
        *sum += product;
    }

    private static void Tiles<TAddress, TOverflow>(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
        where TAddress : struct, IUnitAddress
        where TOverflow : struct, IOverflow
    {
        var tiled = row + (rowEnd - row) / 4 * 4;
        Tile<FourRows, TAddress, TOverflow>(job, row, tiled, group, groupEnd);
        switch (rowEnd - tiled)
        {
            case 1:
                Single<TAddress, TOverflow>(job, tiled, rowEnd, group, groupEnd);
                break;
            case 2:
                Tile<TwoRows, TAddress, TOverflow>(job, tiled, rowEnd, group, groupEnd);
                break;
            case 3:
                Tile<ThreeRows, TAddress, TOverflow>(job, tiled, rowEnd, group, groupEnd);
                break;
        }
    }

    /// <summary>Rows of one tile together: a step is decoded once for all of them. The number of rows is a multiple of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows, TAddress, TOverflow>(SparseJob* job, int firstRow, int rowEnd, int group, int groupEnd)
        where TRows : struct, IRowTile
        where TAddress : struct, IUnitAddress
        where TOverflow : struct, IOverflow
    {
        var overflowing = stackalloc int[32];
        var offsets = job->Offsets;
        var stride = job->QuantizedStride;
        nint units = (job->Inputs + TPattern.InputsPerUnit - 1) / TPattern.InputsPerUnit;
        var groupBytes = (units + UnitsPerChunk - 1) / UnitsPerChunk * ChunkBytes;
        for (; group < groupEnd; group++)
        {
            var bias = job->Bias == null ? null : job->Bias + group * 8;
            for (var row = firstRow; row < rowEnd; row += TRows.Rows)
            {
                var x0 = job->Quantized + row * stride;
                var x1 = x0 + stride;
                var x2 = x1 + stride;
                var x3 = x2 + stride;
                if (TOverflow.Exists)
                {
                    for (var i = 0; i < 8 * TRows.Rows; i++)
                        overflowing[i] = 0;
                    var entry = job->Overflow + job->OverflowStarts[2 * group];
                    var end = job->Overflow + job->OverflowStarts[2 * group + 2];
                    for (; entry < end; entry++)
                    {
                        var packed = *entry;
                        var lane = packed >> 16 & 7;
                        var weight = (int)packed >> 24;
                        var at = InputAt<TAddress>(offsets, (ushort)packed);
                        overflowing[lane] += weight * x0[at];
                        if (TRows.Rows > 1)
                            overflowing[lane + 8] += weight * x1[at];
                        if (TRows.Rows > 2)
                            overflowing[lane + 16] += weight * x2[at];
                        if (TRows.Rows > 3)
                            overflowing[lane + 24] += weight * x3[at];
                    }
                }

                var chunk = job->Values + group * groupBytes;
                var a = TTier.LoadSums(job->ZeroPointSums + group * 8);
                var b = a;
                var c = a;
                var d = a;
                for (nint unit = 0; unit < units; unit += UnitsPerChunk)
                {
                    var positions = TTier.Load(chunk);
                    var steps = TPattern.StepsPerUnit > 1 ? TPattern.StepsPerUnit : Math.Min(StepsPerChunk, units - unit);
                    for (nint step = 0; step < steps; step++)
                    {
                        var at = UnitAt<TAddress>(offsets, TPattern.StepsPerUnit > 1 ? unit : unit + step);
                        var picks = Picks(positions);
                        var weights = TTier.Load(chunk + NofMFormat.PositionBytes + step * StepBytes);
                        a = TTier.Dot(a, Pick(x0 + at, picks), weights);
                        if (TRows.Rows > 1)
                            b = TTier.Dot(b, Pick(x1 + at, picks), weights);
                        if (TRows.Rows > 2)
                            c = TTier.Dot(c, Pick(x2 + at, picks), weights);
                        if (TRows.Rows > 3)
                            d = TTier.Dot(d, Pick(x3 + at, picks), weights);
                        positions = Next(positions);
                    }

                    chunk += ChunkBytes;
                }

                if (TOverflow.Exists)
                {
                    a = TTier.Add(a, TTier.LoadSums(overflowing));
                    if (TRows.Rows > 1)
                        b = TTier.Add(b, TTier.LoadSums(overflowing + 8));
                    if (TRows.Rows > 2)
                        c = TTier.Add(c, TTier.LoadSums(overflowing + 16));
                    if (TRows.Rows > 3)
                        d = TTier.Add(d, TTier.LoadSums(overflowing + 24));
                }

                var y = job->Y + row * job->YStride + group * 8;
                var scales = job->OutputScales + group * 8;
                TTier.Store(a, job->RowScales[row], scales, bias, job->Relu, y);
                if (TRows.Rows > 1)
                    TTier.Store(b, job->RowScales[row + 1], scales, bias, job->Relu, y + job->YStride);
                if (TRows.Rows > 2)
                    TTier.Store(c, job->RowScales[row + 2], scales, bias, job->Relu, y + 2 * job->YStride);
                if (TRows.Rows > 3)
                    TTier.Store(d, job->RowScales[row + 3], scales, bias, job->Relu, y + 3 * job->YStride);
            }
        }
    }
}
