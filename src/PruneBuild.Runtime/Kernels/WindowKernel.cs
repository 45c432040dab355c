using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>The loops over <see cref="WindowFormat"/>; a window has <typeparamref name="TSlots"/> slots (1, 2 or 4).</summary>
internal static unsafe class WindowKernel<TTier, TSlots>
    where TTier : struct, IWindowTier
    where TSlots : struct, IVectorCount
{
    private const int MostInputsPerChunk = 64;

    public static IEnumerable<SparseKernel> Kernels(string format) =>
    [
        new(format, TTier.Tier, RowBucket.One, &Rows),
        new(format, TTier.Tier, RowBucket.Few, &Tiles),
    ];

    private static int InputsPerChunk => TTier.SlotsPerChunk / TSlots.Vectors * TTier.Inputs;

    private static void Rows(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var tail = stackalloc float[MostInputsPerChunk];
        for (; row < rowEnd; row++)
        {
            CopyTail(job, row, 1, tail);
            Single(job, row, group, groupEnd, tail);
        }
    }

    private static void Tiles(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var tails = stackalloc float[4 * MostInputsPerChunk];
        for (; row + 4 <= rowEnd; row += 4)
        {
            CopyTail(job, row, 4, tails);
            Tile<FourRows>(job, row, group, groupEnd, tails);
        }

        CopyTail(job, row, rowEnd - row, tails);
        switch (rowEnd - row)
        {
            case 1:
                Single(job, row, group, groupEnd, tails);
                break;
            case 2:
                Tile<TwoRows>(job, row, group, groupEnd, tails);
                break;
            case 3:
                Tile<ThreeRows>(job, row, group, groupEnd, tails);
                break;
        }
    }

    /// <summary>The inputs of the last, ragged chunk with zeros behind: a window may not be loaded past the end of a row.</summary>
    private static void CopyTail(SparseJob* job, int row, int rows, float* tails)
    {
        var first = job->Inputs / InputsPerChunk * InputsPerChunk;
        for (var i = 0; i < rows; i++)
        {
            var tail = new Span<float>(tails + i * MostInputsPerChunk, MostInputsPerChunk);
            tail.Clear();
            new Span<float>(job->X + (row + i) * job->XStride + first, job->Inputs - first).CopyTo(tail);
        }
    }

    /// <summary>One row; four slots in flight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single(SparseJob* job, int row, int group, int groupEnd, float* tail)
    {
        nint inputsPerChunk = TTier.SlotsPerChunk / TSlots.Vectors * TTier.Inputs;
        var whole = job->Inputs / inputsPerChunk;
        var chunks = (job->Inputs + inputsPerChunk - 1) / inputsPerChunk;
        var x = job->X + row * job->XStride;
        var y = job->Y + row * job->YStride;
        var position = (uint*)job->Metadata + group * chunks * 8;
        var value = (float*)job->Values + group * chunks * TTier.SlotsPerChunk * 8;
        for (; group < groupEnd; group++)
        {
            Vector256<float> a = default, b = default, c = default, d = default;
            for (nint chunk = 0; chunk < chunks; chunk++)
            {
                var inputs = chunk < whole ? x + chunk * inputsPerChunk : tail;
                var positions = Vector256.Load(position);
                position += 8;
                for (var eight = 0; eight < TTier.SlotsPerChunk; eight += 8)
                {
                    WeightStream.Prefetch(value, 256);
                    var window = TTier.Load(inputs);
                    a = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value), a);
                    positions = TTier.Next(positions);
                    if (TSlots.Vectors == 1)
                        window = TTier.Load(inputs + TTier.Inputs);
                    b = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value + 8), b);
                    positions = TTier.Next(positions);
                    if (TSlots.Vectors <= 2)
                        window = TTier.Load(inputs + 2 / TSlots.Vectors * TTier.Inputs);
                    c = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value + 16), c);
                    positions = TTier.Next(positions);
                    if (TSlots.Vectors == 1)
                        window = TTier.Load(inputs + 3 * TTier.Inputs);
                    d = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value + 24), d);
                    positions = TTier.Next(positions);
                    inputs += 4 / TSlots.Vectors * TTier.Inputs;
                    window = TTier.Load(inputs);
                    a = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value + 32), a);
                    positions = TTier.Next(positions);
                    if (TSlots.Vectors == 1)
                        window = TTier.Load(inputs + TTier.Inputs);
                    b = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value + 40), b);
                    positions = TTier.Next(positions);
                    if (TSlots.Vectors <= 2)
                        window = TTier.Load(inputs + 2 / TSlots.Vectors * TTier.Inputs);
                    c = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value + 48), c);
                    positions = TTier.Next(positions);
                    if (TSlots.Vectors == 1)
                        window = TTier.Load(inputs + 3 * TTier.Inputs);
                    d = Vector256.MultiplyAddEstimate(TTier.Select(window, positions), Vector256.Load(value + 56), d);
                    positions = TTier.Next(positions);
                    inputs += 4 / TSlots.Vectors * TTier.Inputs;
                    value += 64;
                }
            }

            Epilogue.Store((a + b) + (c + d), job->Bias == null ? null : job->Bias + group * 8, job->Relu, y + group * 8);
        }
    }

    /// <summary>Rows of one tile: positions and weights are read once for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows>(SparseJob* job, int row, int group, int groupEnd, float* tails) where TRows : struct, IRowTile
    {
        nint inputsPerChunk = TTier.SlotsPerChunk / TSlots.Vectors * TTier.Inputs;
        var whole = job->Inputs / inputsPerChunk;
        var chunks = (job->Inputs + inputsPerChunk - 1) / inputsPerChunk;
        var x = job->X + row * job->XStride;
        var y = job->Y + row * job->YStride;
        var position = (uint*)job->Metadata + group * chunks * 8;
        var value = (float*)job->Values + group * chunks * TTier.SlotsPerChunk * 8;
        for (; group < groupEnd; group++)
        {
            Vector256<float> a = default, b = default, c = default, d = default;
            for (nint chunk = 0; chunk < chunks; chunk++)
            {
                var inputs = chunk < whole ? x + chunk * inputsPerChunk : tails;
                var stride = chunk < whole ? job->XStride : MostInputsPerChunk;
                var positions = Vector256.Load(position);
                position += 8;
                for (var slot = 0; slot < TTier.SlotsPerChunk; slot += TSlots.Vectors)
                {
                    var windowA = TTier.Load(inputs);
                    var windowB = TTier.Load(inputs + stride);
                    var windowC = TRows.Rows > 2 ? TTier.Load(inputs + 2 * stride) : windowA;
                    var windowD = TRows.Rows > 3 ? TTier.Load(inputs + 3 * stride) : windowA;
                    inputs += TTier.Inputs;
                    for (var i = 0; i < TSlots.Vectors; i++)
                    {
                        var weights = Vector256.Load(value);
                        value += 8;
                        a = Vector256.MultiplyAddEstimate(TTier.Select(windowA, positions), weights, a);
                        b = Vector256.MultiplyAddEstimate(TTier.Select(windowB, positions), weights, b);
                        if (TRows.Rows > 2)
                            c = Vector256.MultiplyAddEstimate(TTier.Select(windowC, positions), weights, c);
                        if (TRows.Rows > 3)
                            d = Vector256.MultiplyAddEstimate(TTier.Select(windowD, positions), weights, d);
                        positions = TTier.Next(positions);
                    }
                }
            }

            var bias = job->Bias == null ? null : job->Bias + group * 8;
            var target = y + group * 8;
            Epilogue.Store(a, bias, job->Relu, target);
            Epilogue.Store(b, bias, job->Relu, target + job->YStride);
            if (TRows.Rows > 2)
                Epilogue.Store(c, bias, job->Relu, target + 2 * job->YStride);
            if (TRows.Rows > 3)
                Epilogue.Store(d, bias, job->Relu, target + 3 * job->YStride);
        }
    }
}
