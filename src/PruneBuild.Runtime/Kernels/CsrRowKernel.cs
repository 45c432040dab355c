using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// <see cref="CsrFormat"/> by single rows. Activations are fetched one by one, on every CPU: gathers are no faster, and the
/// weights of one output share nothing.
/// </summary>
internal static unsafe class CsrRowKernel<TWeights> where TWeights : struct, IStoredWeights
{
    public static IEnumerable<SparseKernel> Kernels(string format) => [new(format, KernelTier.Portable, RowBucket.One, &Run)];

    /// <summary>Four chains over the non-zeros of an output in a block; the blocks of an output follow each other in 16 sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
    {
        var sums = stackalloc float[CsrFormat.GroupOutputs];
        var blocks = CsrFormat.Blocks(job->Inputs);
        for (; row < rowEnd; row++)
        {
            var y = job->Y + row * job->YStride;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var item = (nint)job->GroupStarts[group];
                var index = job->Metadata + item;
                var value = job->Values + item * TWeights.Bytes;
                var count = job->BlockCounts + (nint)group * blocks * CsrFormat.GroupOutputs;
                var x = job->X + row * job->XStride;
                for (var output = 0; output < CsrFormat.GroupOutputs; output++)
                    sums[output] = 0;
                for (var block = 0; block < blocks; block++)
                {
                    for (var output = 0; output < CsrFormat.GroupOutputs; output++)
                    {
                        float a = sums[output], b = 0, c = 0, d = 0;
                        nint left = *count++;
                        WeightStream.Prefetch(value, 64);
                        for (; left >= 4; left -= 4)
                        {
                            a = float.MultiplyAddEstimate(x[index[0]], Weight(value, 0), a);
                            b = float.MultiplyAddEstimate(x[index[1]], Weight(value, 1), b);
                            c = float.MultiplyAddEstimate(x[index[2]], Weight(value, 2), c);
                            d = float.MultiplyAddEstimate(x[index[3]], Weight(value, 3), d);
                            index += 4;
                            value += 4 * TWeights.Bytes;
                        }

                        for (; left > 0; left--)
                        {
                            a = float.MultiplyAddEstimate(x[*index++], Weight(value, 0), a);
                            value += TWeights.Bytes;
                        }

                        sums[output] = (a + b) + (c + d);
                    }

                    x += CsrFormat.InputsPerBlock;
                }

                for (var output = 0; output < CsrFormat.GroupOutputs; output++)
                {
                    var at = group * CsrFormat.GroupOutputs + output;
                    y[at] = Epilogue.Finish(TWeights.IsScaled ? sums[output] * job->OutputScales[at] : sums[output], job->Bias == null ? null : job->Bias + at, job->Relu);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Weight(byte* value, int at) => TWeights.IsScaled ? ((sbyte*)value)[at] : ((float*)value)[at];
}
