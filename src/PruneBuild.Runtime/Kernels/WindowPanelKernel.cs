using System.Runtime.CompilerServices;

namespace PruneBuild.Runtime;

/// <summary>
/// <see cref="WindowFormat"/> over panels of eight vectors of rows. A permutation would serve one row; here a position picks the
/// input of all rows at once, and a weight, broadcast, multiplies them. Inputs are taken in stretches, as in <see cref="CsrPanelKernel{TTier, TVector, TWeights, TPanel}"/>.
/// </summary>
internal static unsafe class WindowPanelKernel<TTier, TVector, TWindow, TSlots>
    where TTier : struct, IFloat32Tier<TVector>
    where TVector : struct
    where TWindow : struct, IWindowTier
    where TSlots : struct, IVectorCount
{
    private const int GroupOutputs = 8;

    /// <summary>Groups whose sums are kept beside each other, in the L2 cache.</summary>
    private const int TileGroups = 32;

    /// <summary>Inputs whose activations stay in the L1 cache: whole chunks.</summary>
    private const int InputsPerStretch = 128;

    private static int PanelRows => 8 * TTier.Lanes;

    public static SparseKernel Kernel(string format) => new(format, TTier.Tier, RowBucket.Many, &Run) { Layout = new(PanelRows) };

    private static void Run(SparseJob* job, int row, int rowEnd, int group, int groupEnd)
    {
        var sums = stackalloc float[TileGroups * GroupOutputs * PanelRows];
        var windows = (job->Inputs + TWindow.Inputs - 1) / TWindow.Inputs;
        for (; group < groupEnd; group += TileGroups)
        {
            var tileEnd = Math.Min(group + TileGroups, groupEnd);
            for (var first = row; first < rowEnd; first += PanelRows)
            {
                var panel = job->X + (nint)first * job->Inputs;
                var end = Math.Min(first + PanelRows, rowEnd);
                var vectors = (end - first + TTier.Lanes - 1) / TTier.Lanes;
                var used = vectors <= 2 ? 2 : vectors <= 4 ? 4 : 8;
                new Span<float>(sums, (tileEnd - group) * GroupOutputs * used * TTier.Lanes).Clear();
                for (var window = 0; window < windows; window += InputsPerStretch / TWindow.Inputs)
                {
                    var windowEnd = Math.Min(window + InputsPerStretch / TWindow.Inputs, windows);
                    if (used == 8)
                        Accumulate<EightVectors>(job, panel, window, windowEnd, group, tileEnd, sums);
                    else if (used == 4)
                        Accumulate<FourVectors>(job, panel, window, windowEnd, group, tileEnd, sums);
                    else
                        Accumulate<TwoVectors>(job, panel, window, windowEnd, group, tileEnd, sums);
                }

                PanelEpilogue.Store(job, sums, used * TTier.Lanes, isScaled: false, first, end, group * GroupOutputs, Math.Min(tileEnd * GroupOutputs, job->Outputs));
            }
        }
    }

    /// <summary>Adds the products of windows [firstWindow, windowEnd), which start with a chunk, to the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate<TUsed>(SparseJob* job, float* panel, int firstWindow, int windowEnd, int group, int groupEnd, float* sums)
        where TUsed : struct, IVectorCount
    {
        var lanes = TTier.Lanes;
        nint panelRows = 8 * TTier.Lanes;
        var windowsPerChunk = TWindow.SlotsPerChunk / TSlots.Vectors;
        var positionBits = 32 / TWindow.SlotsPerChunk;
        var inputsPerChunk = windowsPerChunk * TWindow.Inputs;
        var chunks = (job->Inputs + inputsPerChunk - 1) / inputsPerChunk;
        panel += firstWindow * TWindow.Inputs * panelRows;
        for (; group < groupEnd; group++)
        {
            var firstChunk = (nint)group * chunks + firstWindow / windowsPerChunk;
            for (var output = 0; output < GroupOutputs; output++)
            {
                var position = (uint*)job->Metadata + firstChunk * GroupOutputs + output;
                var weight = (float*)job->Values + firstChunk * TWindow.SlotsPerChunk * GroupOutputs + output;
                var x = panel;
                TVector a = TTier.Load(sums), b = TTier.Load(sums + lanes), c = default, d = default, e = default, f = default, g = default, h = default;
                if (TUsed.Vectors > 2)
                {
                    c = TTier.Load(sums + 2 * lanes);
                    d = TTier.Load(sums + 3 * lanes);
                }

                if (TUsed.Vectors > 4)
                {
                    e = TTier.Load(sums + 4 * lanes);
                    f = TTier.Load(sums + 5 * lanes);
                    g = TTier.Load(sums + 6 * lanes);
                    h = TTier.Load(sums + 7 * lanes);
                }

                for (var window = firstWindow; window < windowEnd;)
                {
                    nuint positions = *position;
                    position += GroupOutputs;
                    var chunkEnd = Math.Min(window + windowsPerChunk, windowEnd);
                    for (; window < chunkEnd; window++)
                    {
                        for (var slot = 0; slot < TSlots.Vectors; slot++)
                        {
                            var w = TTier.Broadcast(*weight);
                            var input = x + (nint)(positions & (nuint)(TWindow.Inputs - 1)) * panelRows;
                            a = TTier.MultiplyAdd(w, TTier.Load(input), a);
                            b = TTier.MultiplyAdd(w, TTier.Load(input + lanes), b);
                            if (TUsed.Vectors > 2)
                            {
                                c = TTier.MultiplyAdd(w, TTier.Load(input + 2 * lanes), c);
                                d = TTier.MultiplyAdd(w, TTier.Load(input + 3 * lanes), d);
                            }

                            if (TUsed.Vectors > 4)
                            {
                                e = TTier.MultiplyAdd(w, TTier.Load(input + 4 * lanes), e);
                                f = TTier.MultiplyAdd(w, TTier.Load(input + 5 * lanes), f);
                                g = TTier.MultiplyAdd(w, TTier.Load(input + 6 * lanes), g);
                                h = TTier.MultiplyAdd(w, TTier.Load(input + 7 * lanes), h);
                            }

                            weight += GroupOutputs;
                            positions >>= positionBits;
                        }

                        x += TWindow.Inputs * panelRows;
                    }
                }

                TTier.Store(a, sums);
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
        }
    }
}
