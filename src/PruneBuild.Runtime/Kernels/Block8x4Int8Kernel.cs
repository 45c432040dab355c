using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// The loops over <see cref="Block8x4Int8"/>, compiled once per ISA tier. They are leaf methods: a call inside would make
/// the JIT spill every accumulator on every block, since no vector register survives a call.
/// </summary>
internal static unsafe class Block8x4Int8Kernel<TSums> where TSums : struct, IInt32Sums<TSums>
{
    /// <summary>One row at a time; four blocks in flight hide the latency of the dot instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneRow(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
    {
        var starts = job->GroupStarts;
        var scales = job->OutputScales;
        var initial = job->ZeroPointSums;
        for (; row < rowEnd; row++)
        {
            var x = (uint*)(job->Quantized + row * job->QuantizedStride);
            var y = job->Y + row * job->YStride;
            var rowScale = job->RowScales[row];
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var index = job->Indices + starts[group];
                var end = job->Indices + starts[group + 1];
                var block = (sbyte*)job->Blocks + (nint)starts[group] * PackedFormat.BlockBytes;
                var a = TSums.Load(initial + group * 8);
                TSums b = default, c = default, d = default;
                for (; index + 4 <= end; index += 4)
                {
                    a = TSums.Dot(a, x + index[0], block);
                    b = TSums.Dot(b, x + index[1], block + 32);
                    c = TSums.Dot(c, x + index[2], block + 64);
                    d = TSums.Dot(d, x + index[3], block + 96);
                    block += 128;
                }

                for (; index < end; index++)
                {
                    a = TSums.Dot(a, x + index[0], block);
                    block += 32;
                }

                var bias = job->Bias == null ? null : job->Bias + group * 8;
                TSums.Store(TSums.Add(TSums.Add(a, b), TSums.Add(c, d)), rowScale, scales + group * 8, bias, job->Relu, y + group * 8);
            }
        }
    }

    /// <summary>Four rows at a time; a block is read once for all four. The number of rows is a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRows(SparseJob* job, int firstRow, int rowEnd, int group, int groupEnd)
    {
        var starts = job->GroupStarts;
        var scales = job->OutputScales;
        var stride = job->QuantizedStride;
        for (; group < groupEnd; group++)
        {
            var end = job->Indices + starts[group + 1];
            var bias = job->Bias == null ? null : job->Bias + group * 8;
            for (var row = firstRow; row < rowEnd; row += 4)
            {
                var x0 = job->Quantized + row * stride;
                var x1 = x0 + stride;
                var x2 = x1 + stride;
                var x3 = x2 + stride;
                var index = job->Indices + starts[group];
                var block = (sbyte*)job->Blocks + (nint)starts[group] * PackedFormat.BlockBytes;
                var a = TSums.Load(job->ZeroPointSums + group * 8);
                var b = a;
                var c = a;
                var d = a;
                for (; index < end; index++)
                {
                    nint quad = index[0];
                    a = TSums.Dot(a, (uint*)x0 + quad, block);
                    b = TSums.Dot(b, (uint*)x1 + quad, block);
                    c = TSums.Dot(c, (uint*)x2 + quad, block);
                    d = TSums.Dot(d, (uint*)x3 + quad, block);
                    block += 32;
                }

                var y = job->Y + row * job->YStride + group * 8;
                TSums.Store(a, job->RowScales[row], scales + group * 8, bias, job->Relu, y);
                TSums.Store(b, job->RowScales[row + 1], scales + group * 8, bias, job->Relu, y + job->YStride);
                TSums.Store(c, job->RowScales[row + 2], scales + group * 8, bias, job->Relu, y + 2 * job->YStride);
                TSums.Store(d, job->RowScales[row + 3], scales + group * 8, bias, job->Relu, y + 3 * job->YStride);
            }
        }
    }
}
