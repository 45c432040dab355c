using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// Blocks of 4 outputs by 1 input over panels of two vectors of rows: four weights, broadcast, times the panel's rows of one input.
/// </summary>
internal static unsafe class Block4x1PanelKernel<TTier, TVector, TWeights>
    where TTier : struct, IFloat32Tier<TVector>
    where TVector : struct
    where TWeights : struct, IStoredWeights
{
    private const int Outputs = 4;

    /// <summary>Blocks whose weights are turned into floats at once.</summary>
    private const int BlocksPerRun = 256;

    private static int PanelRows => 2 * TTier.Lanes;

    public static SparseKernel Kernel(string format) => new(format, TTier.Tier, RowBucket.Many, &Run) { Layout = new(PanelRows) };

    private static void Run(SparseJob* job, int row, int rowEnd, int firstGroup, int groupEnd)
    {
        var sums = stackalloc float[Outputs * PanelRows];
        var scratch = stackalloc float[Outputs * BlocksPerRun + 16];
        for (; row < rowEnd; row += PanelRows)
        {
            for (var group = firstGroup; group < groupEnd; group++)
            {
                Accumulate(job, job->X + (nint)row * job->Inputs, group, sums, scratch);
                PanelEpilogue.Store(job, sums, PanelRows, TWeights.IsScaled, row, Math.Min(row + PanelRows, rowEnd), group * Outputs, Math.Min((group + 1) * Outputs, job->Outputs));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate(SparseJob* job, float* panel, int group, float* sums, float* scratch)
    {
        var lanes = TTier.Lanes;
        nint panelRows = 2 * TTier.Lanes;
        var index = job->Indices + job->GroupStarts[group];
        var end = job->Indices + job->GroupStarts[group + 1];
        var value = job->Values + (nint)job->GroupStarts[group] * (Outputs * TWeights.Bytes);
        TVector a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        while (index < end)
        {
            var runEnd = end - index > BlocksPerRun ? index + BlocksPerRun : end;
            var blocks = (nint)(runEnd - index);
            var weight = TWeights.ToSingles<TTier, TVector>(value, blocks * Outputs, scratch);
            value += blocks * (Outputs * TWeights.Bytes);
            for (; index < runEnd; index++)
            {
                var x = panel + *index * panelRows;
                var left = TTier.Load(x);
                var right = TTier.Load(x + lanes);
                var w = TTier.Broadcast(weight[0]);
                a = TTier.MultiplyAdd(w, left, a);
                b = TTier.MultiplyAdd(w, right, b);
                w = TTier.Broadcast(weight[1]);
                c = TTier.MultiplyAdd(w, left, c);
                d = TTier.MultiplyAdd(w, right, d);
                w = TTier.Broadcast(weight[2]);
                e = TTier.MultiplyAdd(w, left, e);
                f = TTier.MultiplyAdd(w, right, f);
                w = TTier.Broadcast(weight[3]);
                g = TTier.MultiplyAdd(w, left, g);
                h = TTier.MultiplyAdd(w, right, h);
                weight += Outputs;
            }
        }

        TTier.Store(a, sums);
        TTier.Store(b, sums + lanes);
        TTier.Store(c, sums + panelRows);
        TTier.Store(d, sums + panelRows + lanes);
        TTier.Store(e, sums + 2 * panelRows);
        TTier.Store(f, sums + 2 * panelRows + lanes);
        TTier.Store(g, sums + 3 * panelRows);
        TTier.Store(h, sums + 3 * panelRows + lanes);
    }
}
