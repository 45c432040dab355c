using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>As <see cref="AttentionKernel{TTier, TVector}"/>, for the single row of a head that shares its keys with no other: keys, not rows, are lanes.</summary>
internal static unsafe class AttentionRowKernel<TTier, TVector>
    where TTier : struct, IFloat32Tier<TVector>
    where TVector : struct
{
    private const int Four = 4;

    /// <inheritdoc cref="AttentionKernel{TTier, TVector}.Run"/>
    public static void Run(AttentionJob* job, int batch, int head, int first, int end)
    {
        nint size = job->HeadSize;
        var room = stackalloc float[(2 * job->HeadSize) + GroupedAttention.KeysPerBlock + AttentionRows.Alignment];
        var query = AttentionRows.Aligned(room);
        var sums = query + size;
        var scores = sums + size;
        new Span<float>(sums, job->HeadSize).Clear();
        for (var row = first; row < end; row++)
        {
            var position = job->Cached(batch) + (row / job->Group);
            AttentionCache.Rotate(job, AttentionRows.Query(job, batch, head, row), query, position);
            var (from, to) = (job->Window > 0 ? Math.Max(0, position + 1 - job->Window) : 0, position + 1);
            var (maximum, sum) = (AttentionRows.Lowest, 0f);
            var unit = (((nint)batch * job->KeyValueHeads) + head) * job->Capacity * size;
            for (var key = from / GroupedAttention.KeysPerBlock * GroupedAttention.KeysPerBlock; key < to; key += GroupedAttention.KeysPerBlock)
            {
                var keys = Math.Min(GroupedAttention.KeysPerBlock, to - key);
                Score(query, size, job->PresentKey + unit + (key * size), keys, scores);
                var kept = Weigh(job, from - key, to - key, keys, scores, ref maximum, ref sum);
                Accumulate(scores, kept, size, job->PresentValue + unit + (key * size), keys, sums);
            }
            var output = AttentionRows.Output(job, batch, head, row);
            for (nint i = 0; i < size; i += TTier.Lanes)
                TTier.Store(TTier.Multiply(TTier.Load(sums + i), TTier.Broadcast(1 / sum)), output + i);
            new Span<float>(sums, job->HeadSize).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* query, nint size, float* k, int keys, float* scores)
    {
        var key = 0;
        for (; key + Four <= keys; key += Four, k += Four * size)
        {
            float* k1 = k + size, k2 = k1 + size, k3 = k2 + size;
            TVector a0 = default, a1 = default, a2 = default, a3 = default;
            for (nint i = 0; i < size; i += TTier.Lanes)
            {
                var q = TTier.Load(query + i);
                a0 = TTier.MultiplyAdd(TTier.Load(k + i), q, a0);
                a1 = TTier.MultiplyAdd(TTier.Load(k1 + i), q, a1);
                a2 = TTier.MultiplyAdd(TTier.Load(k2 + i), q, a2);
                a3 = TTier.MultiplyAdd(TTier.Load(k3 + i), q, a3);
            }
            AttentionRows.Sums(TTier.Fold(a0), TTier.Fold(a1), TTier.Fold(a2), TTier.Fold(a3)).Store(scores + key);
        }
        for (; key < keys; key++, k += size)
        {
            TVector a = default;
            for (nint i = 0; i < size; i += TTier.Lanes)
                a = TTier.MultiplyAdd(TTier.Load(k + i), TTier.Load(query + i), a);
            scores[key] = AttentionRows.Sums(TTier.Fold(a), default, default, default)[0];
        }
    }

    /// <summary>Scores become e^(score − maximum), zero where the row does not see the key.</summary>
    /// <returns>What earlier sums are multiplied by.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Weigh(AttentionJob* job, int from, int to, int keys, float* scores, ref float maximum, ref float sum)
    {
        for (var key = keys; key % Four != 0; key++)
            scores[key] = AttentionRows.Lowest;
        var (begin, end, steps) = (Vector128.Create(from), Vector128.Create(to), Vector128.Create(0, 1, 2, 3));
        var highest = Vector128.Create(maximum);
        for (var key = 0; key < keys; key += Four)
        {
            var score = AttentionRows.Scaled(Vector128.Load(scores + key), job);
            score.Store(scores + key);
            highest = Vector128.ConditionalSelect(AttentionRows.Seen(Vector128.Create(key) + steps, begin, end), Vector128.Max(highest, score), highest);
        }
        var now = MathF.Max(MathF.Max(highest[0], highest[1]), MathF.Max(highest[2], highest[3]));
        var kept = ActivationFunctions.Exp(Vector128.Create(maximum - now))[0];
        Vector128<float> total = default;
        for (var key = 0; key < keys; key += Four)
        {
            var weight = ActivationFunctions.Exp(Vector128.Load(scores + key) - Vector128.Create(now)) & AttentionRows.Seen(Vector128.Create(key) + steps, begin, end);
            weight.Store(scores + key);
            total += weight;
        }
        (maximum, sum) = (now, (sum * kept) + AttentionRows.Sums(total, default, default, default)[0]);
        return kept;
    }

    /// <summary>sums = kept · sums + Σ weights[key] · values[key].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate(float* weights, float kept, nint size, float* values, int keys, float* sums)
    {
        nint lanes = TTier.Lanes;
        var before = TTier.Broadcast(kept);
        nint i = 0;
        for (; i + (Four * lanes) <= size; i += Four * lanes)
        {
            TVector a = TTier.Multiply(TTier.Load(sums + i), before), b = TTier.Multiply(TTier.Load(sums + i + lanes), before);
            TVector c = TTier.Multiply(TTier.Load(sums + i + (2 * lanes)), before), d = TTier.Multiply(TTier.Load(sums + i + (3 * lanes)), before);
            var value = values + i;
            for (var key = 0; key < keys; key++, value += size)
            {
                var weight = TTier.Broadcast(weights[key]);
                a = TTier.MultiplyAdd(TTier.Load(value), weight, a);
                b = TTier.MultiplyAdd(TTier.Load(value + lanes), weight, b);
                c = TTier.MultiplyAdd(TTier.Load(value + (2 * lanes)), weight, c);
                d = TTier.MultiplyAdd(TTier.Load(value + (3 * lanes)), weight, d);
            }
            TTier.Store(a, sums + i);
            TTier.Store(b, sums + i + lanes);
            TTier.Store(c, sums + i + (2 * lanes));
            TTier.Store(d, sums + i + (3 * lanes));
        }
        for (; i < size; i += lanes)
        {
            var a = TTier.Multiply(TTier.Load(sums + i), before);
            for (var key = 0; key < keys; key++)
                a = TTier.MultiplyAdd(TTier.Load(values + i + (key * size)), TTier.Broadcast(weights[key]), a);
            TTier.Store(a, sums + i);
        }
    }
}
