using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// <see cref="CsrFormat"/> over panels of <typeparamref name="TPanel"/> vectors of rows: a weight, broadcast, times the panel's
/// rows of its input. One block of a panel stays in the L1 cache while <see cref="TileGroups"/> groups of outputs pass over it.
/// A panel that the last rows fill half or less costs half or less.
/// </summary>
internal static unsafe class CsrPanelKernel<TTier, TVector, TWeights, TPanel>
    where TTier : struct, IFloat32Tier<TVector>
    where TVector : struct
    where TWeights : struct, IStoredWeights
    where TPanel : struct, IVectorCount
{
    /// <summary>Groups whose sums are kept beside each other, in the L2 cache.</summary>
    private const int TileGroups = 16;

    private static int PanelRows => TPanel.Vectors * TTier.Lanes;

    public static SparseKernel Kernel(string format, RowBucket rows) => new(format, TTier.Tier, rows, &Run) { Layout = new(PanelRows) };

    private static void Run(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var sums = stackalloc float[TileGroups * CsrFormat.GroupOutputs * PanelRows];
        var items = stackalloc nint[TileGroups];
        var scratch = stackalloc float[CsrFormat.InputsPerBlock + 16];
        for (; group < groupEnd; group += TileGroups)
        {
            var tileEnd = Math.Min(group + TileGroups, groupEnd);
            for (var first = row; first < rowEnd; first += PanelRows)
            {
                for (var i = group; i < tileEnd; i++)
                    items[i - group] = (nint)job->GroupStarts[i];
                var panel = job->X + (nint)first * job->Inputs;
                var end = Math.Min(first + PanelRows, rowEnd);
                var vectors = (end - first + TTier.Lanes - 1) / TTier.Lanes;
                var used = vectors <= 1 ? 1 : vectors <= 2 ? 2 : vectors <= 4 ? 4 : 8;
                new Span<float>(sums, (tileEnd - group) * CsrFormat.GroupOutputs * used * TTier.Lanes).Clear();
                if (TPanel.Vectors >= 8 && used == 8)
                    Accumulate<EightVectors>(job, panel, group, tileEnd, sums, items, scratch);
                else if (TPanel.Vectors >= 4 && used == 4)
                    Accumulate<FourVectors>(job, panel, group, tileEnd, sums, items, scratch);
                else if (TPanel.Vectors >= 2 && used == 2)
                    Accumulate<TwoVectors>(job, panel, group, tileEnd, sums, items, scratch);
                else
                    Accumulate<OneVector>(job, panel, group, tileEnd, sums, items, scratch);
                PanelEpilogue.Store(job, sums, used * TTier.Lanes, TWeights.IsScaled, first, end, group * CsrFormat.GroupOutputs, Math.Min(tileEnd * CsrFormat.GroupOutputs, job->Outputs));
            }
        }
    }

    /// <summary>Eight vectors in flight: vector i of a step is part i mod used of non-zero i / used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate<TUsed>(SparseJob* job, float* panel, int firstGroup, int groupEnd, float* firstSums, nint* items, float* scratch) where TUsed : struct, IVectorCount
    {
        var lanes = TTier.Lanes;
        nint panelRows = TPanel.Vectors * TTier.Lanes;
        var blocks = CsrFormat.Blocks(job->Inputs);
        for (var block = 0; block < blocks; block++)
        {
            var sums = firstSums;
            for (var group = firstGroup; group < groupEnd; group++)
            {
                var item = items[group - firstGroup];
                var index = job->Metadata + item;
                var value = job->Values + item * TWeights.Bytes;
                var count = job->BlockCounts + ((nint)group * blocks + block) * CsrFormat.GroupOutputs;
                for (var output = 0; output < CsrFormat.GroupOutputs; output++)
                {
                    nint left = *count++;
                    var weight = TWeights.ToSingles<TTier, TVector>(value, left, scratch);
                    value += left * TWeights.Bytes;
                    TVector a = TTier.Load(sums), b = default, c = default, d = default, e = default, f = default, g = default, h = default;
                    if (TUsed.Vectors > 1)
                        b = TTier.Load(sums + lanes);
                    if (TUsed.Vectors > 2)
                        (c, d) = (TTier.Load(sums + 2 * lanes), TTier.Load(sums + 3 * lanes));
                    if (TUsed.Vectors > 4)
                        (e, f, g, h) = (TTier.Load(sums + 4 * lanes), TTier.Load(sums + 5 * lanes), TTier.Load(sums + 6 * lanes), TTier.Load(sums + 7 * lanes));
                    for (; left >= 8 / TUsed.Vectors; left -= 8 / TUsed.Vectors)
                    {
                        var w = TTier.Broadcast(weight[0]);
                        var x = panel + index[0] * panelRows;
                        a = TTier.MultiplyAdd(w, TTier.Load(x), a);
                        if (TUsed.Vectors == 1)
                        {
                            w = TTier.Broadcast(weight[1]);
                            x = panel + index[1] * panelRows - lanes;
                        }

                        b = TTier.MultiplyAdd(w, TTier.Load(x + lanes), b);
                        if (TUsed.Vectors <= 2)
                        {
                            w = TTier.Broadcast(weight[2 / TUsed.Vectors]);
                            x = panel + index[2 / TUsed.Vectors] * panelRows - 2 * lanes;
                        }

                        c = TTier.MultiplyAdd(w, TTier.Load(x + 2 * lanes), c);
                        if (TUsed.Vectors == 1)
                        {
                            w = TTier.Broadcast(weight[3]);
                            x = panel + index[3] * panelRows - 3 * lanes;
                        }

                        d = TTier.MultiplyAdd(w, TTier.Load(x + 3 * lanes), d);
                        if (TUsed.Vectors <= 4)
                        {
                            w = TTier.Broadcast(weight[4 / TUsed.Vectors]);
                            x = panel + index[4 / TUsed.Vectors] * panelRows - 4 * lanes;
                        }

                        e = TTier.MultiplyAdd(w, TTier.Load(x + 4 * lanes), e);
                        if (TUsed.Vectors == 1)
                        {
                            w = TTier.Broadcast(weight[5]);
                            x = panel + index[5] * panelRows - 5 * lanes;
                        }

                        f = TTier.MultiplyAdd(w, TTier.Load(x + 5 * lanes), f);
                        if (TUsed.Vectors <= 2)
                        {
                            w = TTier.Broadcast(weight[6 / TUsed.Vectors]);
                            x = panel + index[6 / TUsed.Vectors] * panelRows - 6 * lanes;
                        }

                        g = TTier.MultiplyAdd(w, TTier.Load(x + 6 * lanes), g);
                        if (TUsed.Vectors == 1)
                        {
                            w = TTier.Broadcast(weight[7]);
                            x = panel + index[7] * panelRows - 7 * lanes;
                        }

                        h = TTier.MultiplyAdd(w, TTier.Load(x + 7 * lanes), h);
                        index += 8 / TUsed.Vectors;
                        weight += 8 / TUsed.Vectors;
                    }

                    for (; left > 0; left--)
                    {
                        var w = TTier.Broadcast(*weight++);
                        var x = panel + *index++ * panelRows;
                        a = TTier.MultiplyAdd(w, TTier.Load(x), a);
                        if (TUsed.Vectors > 1)
                            b = TTier.MultiplyAdd(w, TTier.Load(x + lanes), b);
                        if (TUsed.Vectors > 2)
                        {
                            c = TTier.MultiplyAdd(w, TTier.Load(x + 2 * lanes), c);
                            d = TTier.MultiplyAdd(w, TTier.Load(x + 3 * lanes), d);
                        }
                    }

                    if (TUsed.Vectors <= 4)
                        (a, b, c, d) = (TTier.Add(a, e), TTier.Add(b, f), TTier.Add(c, g), TTier.Add(d, h));
                    if (TUsed.Vectors <= 2)
                        (a, b) = (TTier.Add(a, c), TTier.Add(b, d));
                    if (TUsed.Vectors == 1)
                        a = TTier.Add(a, b);
                    TTier.Store(a, sums);
                    if (TUsed.Vectors > 1)
                        TTier.Store(b, sums + lanes);
                    if (TUsed.Vectors > 2)
                    {
                        TTier.Store(c, sums + 2 * lanes);
                        TTier.Store(d, sums + 3 * lanes);
                    }

                    if (TUsed.Vectors > 4)
                    {
                        TTier.Store(e, sums + 4 * lanes);
                        TTier.Store(f, sums + 5 * lanes);
                        TTier.Store(g, sums + 6 * lanes);
                        TTier.Store(h, sums + 7 * lanes);
                    }

                    sums += TUsed.Vectors * lanes;
                }

                items[group - firstGroup] = (nint)(index - job->Metadata);
            }

            panel += CsrFormat.InputsPerBlock * panelRows;
        }
    }
}
