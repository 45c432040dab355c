using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over <see cref="Block8x4Int8"/> with 512-bit vectors: two blocks at a time, one in each half, joined at the end. .NET
/// reaches vpmaddubsw of AVX-512BW but not AVX512-VNNI. Where the CPU lacks AVX-512, two AVX2 instructions stand in for one, so that
/// tests run these loops anywhere.
/// </summary>
internal static unsafe class Block8x4Int8Avx512Kernel
{
    private const int BlockBytes = 32;

    public static IEnumerable<SparseKernel> Kernels() =>
    [
        new(Block8x4Int8.FormatName, KernelTier.Avx512, RowBucket.One, &Tile<OneRow, Contiguous>, &Tile<OneRow, Indirect>),
        new(Block8x4Int8.FormatName, KernelTier.Avx512, RowBucket.Few, &Tiles<Contiguous>, &Tiles<Indirect>),
    ];

    private static void Tiles<TAddress>(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
        where TAddress : struct, IUnitAddress
    {
        var tiled = row + (rowEnd - row) / 4 * 4;
        Tile<FourRows, TAddress>(job, row, tiled, group, groupEnd);
        switch (rowEnd - tiled)
        {
            case 1:
                Tile<OneRow, TAddress>(job, tiled, rowEnd, group, groupEnd);
                break;
            case 2:
                Tile<TwoRows, TAddress>(job, tiled, rowEnd, group, groupEnd);
                break;
            case 3:
                Tile<ThreeRows, TAddress>(job, tiled, rowEnd, group, groupEnd);
                break;
        }
    }

    /// <summary>Rows of one tile together, in two chains of pairs of blocks. The number of rows is a multiple of the tile.</summary>
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
                var block = job->Values + (nint)starts[group] * BlockBytes;
                Vector512<int> a = default, b = default, c = default, d = default;
                for (; index + 2 <= end; index += 2)
                {
                    WeightStream.Prefetch(block, 64);
                    nint first = TAddress.Of(offsets, index[0], 4), second = TAddress.Of(offsets, index[1], 4);
                    var weights = Vector512.Load(block);
                    a = Dot(a, Quads(x0 + first, x0 + second), weights);
                    if (TRows.Rows > 1)
                        b = Dot(b, Quads(x1 + first, x1 + second), weights);
                    if (TRows.Rows > 2)
                        c = Dot(c, Quads(x2 + first, x2 + second), weights);
                    if (TRows.Rows > 3)
                        d = Dot(d, Quads(x3 + first, x3 + second), weights);
                    block += 2 * BlockBytes;
                }

                if (index < end)
                {
                    var at = TAddress.Of(offsets, index[0], 4);
                    var weights = Vector512.Create(Vector256.Load(block), Vector256<byte>.Zero);
                    a = Dot(a, Quads(x0 + at, x0 + at), weights);
                    if (TRows.Rows > 1)
                        b = Dot(b, Quads(x1 + at, x1 + at), weights);
                    if (TRows.Rows > 2)
                        c = Dot(c, Quads(x2 + at, x2 + at), weights);
                    if (TRows.Rows > 3)
                        d = Dot(d, Quads(x3 + at, x3 + at), weights);
                }

                var y = job->Y + row * job->YStride + group * 8;
                Store(job, a, row, group, bias, y);
                if (TRows.Rows > 1)
                    Store(job, b, row + 1, group, bias, y + job->YStride);
                if (TRows.Rows > 2)
                    Store(job, c, row + 2, group, bias, y + 2 * job->YStride);
                if (TRows.Rows > 3)
                    Store(job, d, row + 3, group, bias, y + 3 * job->YStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Quads(byte* low, byte* high) => Vector512.Create(Avx2Int8.Quad(low), Avx2Int8.Quad(high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Dot(Vector512<int> sums, Vector512<byte> x, Vector512<byte> weights) => Avx512BW.IsSupported
        ? sums + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(x, weights.AsSByte()), Vector512.Create((short)1))
        : Vector512.Create(Avx2Int8.Dot(sums.GetLower(), x.GetLower(), weights.GetLower()), Avx2Int8.Dot(sums.GetUpper(), x.GetUpper(), weights.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(SparseJob* job, Vector512<int> sums, int row, int group, float* bias, float* y) => Avx2Int8.Store(
        sums.GetLower() + sums.GetUpper() + Vector256.Load(job->ZeroPointSums + group * 8), job->RowScales[row], job->OutputScales + group * 8, bias, job->Relu, y);
}
