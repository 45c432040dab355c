using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>Divides an <see cref="AttentionJob"/> into parts and runs the kernel for this CPU and head size on each.</summary>
internal static unsafe class GroupedAttention
{
    /// <summary>Rows of queries that a block of keys, while it is in the cache, is multiplied by.</summary>
    public const int RowsPerTile = 16;

    /// <summary>Keys that are weighed at once.</summary>
    public const int KeysPerBlock = 64;

    /// <summary>The largest head: a tile of queries and one of sums lie on the stack.</summary>
    public const int MostHeadSize = 512;

    /// <summary>Products of two numbers below which another thread costs more than it takes over.</summary>
    private const long ProductsPerThread = 1 << 17;

    /// <summary>Runs a job.</summary>
    /// <param name="job">Sizes are consistent and pointers valid.</param>
    /// <param name="tier">A tier that this CPU executes.</param>
    /// <param name="loop">Where parts may run at once.</param>
    public static void Run<TLoop>(AttentionJob* job, KernelTier tier, TLoop loop) where TLoop : IParallelLoop
    {
        var work = new Work { Job = job, Tiles = (job->Rows + RowsPerTile - 1) / RowsPerTile, Kernel = Kernel(tier, job->HeadSize, job->Rows == 1) };
        var units = job->Batch * job->KeyValueHeads;
        long keys = 0;
        for (var batch = 0; batch < job->Batch; batch++)
            keys += job->Cached(batch) + job->Sequence;
        if (keys * job->Heads * job->HeadSize * job->Sequence < ProductsPerThread)
        {
            var serial = new SerialLoop();
            serial.Run(units, &Append, &work);
            serial.Run(units * work.Tiles, &Attend, &work);
        }
        else
        {
            loop.Run(units, &Append, &work);
            loop.Run(units * work.Tiles, &Attend, &work);
        }
        if (work.Failed != 0)
            throw new InvalidOperationException("Attention failed on a worker thread.");
    }

    private static delegate*<AttentionJob*, int, int, int, int, void> Kernel(KernelTier tier, int headSize, bool isOneRow) => tier switch
    {
        KernelTier.Avx512 when headSize % Vector512Float32.Lanes == 0 => Kernel<Vector512Float32, Vector512<float>>(isOneRow),
        KernelTier.Avx512 or KernelTier.AvxVnni or KernelTier.Avx2 when headSize % Vector256Float32.Lanes == 0 => Kernel<Vector256Float32, Vector256<float>>(isOneRow),
        _ => Kernel<Vector128Float32, Vector128<float>>(isOneRow),
    };

    private static delegate*<AttentionJob*, int, int, int, int, void> Kernel<TTier, TVector>(bool isOneRow)
        where TTier : struct, IFloat32Tier<TVector>
        where TVector : struct =>
        isOneRow ? &AttentionRowKernel<TTier, TVector>.Run : &AttentionKernel<TTier, TVector>.Run;

    private struct Work
    {
        public AttentionJob* Job;
        public int Tiles;
        public delegate*<AttentionJob*, int, int, int, int, void> Kernel;
        public int Failed;
    }

    /// <summary>One part, on a thread of the host: no exception may leave.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Append(void* state, nuint part)
    {
        var work = (Work*)state;
        try
        {
            AttentionCache.Append(work->Job, (int)part / work->Job->KeyValueHeads, (int)part % work->Job->KeyValueHeads);
        }
        catch (Exception)
        {
            work->Failed = 1;
        }
    }

    /// <inheritdoc cref="Append"/>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Attend(void* state, nuint part)
    {
        var work = (Work*)state;
        try
        {
            var (unit, tile) = ((int)part / work->Tiles, (int)part % work->Tiles);
            var first = tile * RowsPerTile;
            work->Kernel(work->Job, unit / work->Job->KeyValueHeads, unit % work->Job->KeyValueHeads, first, Math.Min(first + RowsPerTile, work->Job->Rows));
        }
        catch (Exception)
        {
            work->Failed = 1;
        }
    }
}
