using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>What kernels of attention share: where rows lie, and steps of the softmax.</summary>
internal static unsafe class AttentionRows
{
    /// <summary>A maximum below every score; not an infinity, whose differences are no numbers.</summary>
    public const float Lowest = -1e30f;

    /// <summary>Floats that <see cref="Aligned"/> may skip.</summary>
    public const int Alignment = 16;

    /// <summary>The first place at the beginning of a cache line: a vector that spans two costs two loads.</summary>
    public static float* Aligned(float* room) => (float*)(((nuint)room + 63) & ~(nuint)63);

    /// <summary>Where the result of a row goes.</summary>
    /// <inheritdoc cref="Prepare"/>
    public static float* Output(AttentionJob* job, int batch, int head, int row) =>
        job->Output + (((Position(job, batch, row) * job->Heads) + Head(job, head, row)) * job->HeadSize);

    /// <summary>The sum of each vector: neighbours first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.AddPairwise(AdvSimd.Arm64.AddPairwise(a, b), AdvSimd.Arm64.AddPairwise(c, d));
        if (Sse3.IsSupported)
            return Sse3.HorizontalAdd(Sse3.HorizontalAdd(a, b), Sse3.HorizontalAdd(c, d));
        return Vector128.Create(a[0] + a[1] + (a[2] + a[3]), b[0] + b[1] + (b[2] + b[3]), c[0] + c[1] + (c[2] + c[3]), d[0] + d[1] + (d[2] + d[3]));
    }

    /// <summary>Asks for memory that is read soon: the CPU's own guesses end with every page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* from, nint count)
    {
        if (!Sse.IsSupported)
            return;
        for (nint i = 0; i < count; i += 16)
            Sse.Prefetch0(from + i + 1024);
    }

    /// <summary>A row of queries, turned and scaled.</summary>
    /// <param name="job">The whole.</param>
    /// <param name="batch">Sequence.</param>
    /// <param name="head">Key-value head.</param>
    /// <param name="row">Position · group + head in the group.</param>
    /// <param name="target">[head size].</param>
    /// <returns>The keys that it sees: from one position to before another.</returns>
    public static (int From, int To) Prepare(AttentionJob* job, int batch, int head, int row, float* target)
    {
        var position = job->Cached(batch) + (row / job->Group);
        AttentionCache.Rotate(job, Query(job, batch, head, row), target, position);
        for (nint i = 0; i < job->HeadSize; i += Vector128<float>.Count)
            (Vector128.Load(target + i) * Vector128.Create(job->Scale)).Store(target + i);
        return (job->Window > 0 ? Math.Max(0, position + 1 - job->Window) : 0, position + 1);
    }

    /// <summary>What a product counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Capped(Vector128<float> product, AttentionJob* job) =>
        job->Softcap == 0 ? product : ActivationFunctions.Tanh.Of(product / Vector128.Create(job->Softcap)) * Vector128.Create(job->Softcap);

    /// <summary>All bits where from ≤ place &lt; to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Seen(Vector128<int> place, Vector128<int> from, Vector128<int> to) =>
        (Vector128.GreaterThanOrEqual(place, from) & Vector128.LessThan(place, to)).AsSingle();

    private static float* Query(AttentionJob* job, int batch, int head, int row) =>
        job->Query + (Position(job, batch, row) * job->QueryStride) + (Head(job, head, row) * job->HeadSize);

    private static nint Position(AttentionJob* job, int batch, int row) => ((nint)batch * job->Sequence) + (row / job->Group);

    private static nint Head(AttentionJob* job, int head, int row) => (head * job->Group) + (row % job->Group);
}
