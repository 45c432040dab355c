using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>As <see cref="AttentionKernel{TTier, TVector}"/>, for the single row of a head that shares its keys with no other: keys, not rows, are lanes.</summary>
internal static unsafe class AttentionRowKernel<TTier, TVector>
    where TTier : struct, IFloat32Tier<TVector>
    where TVector : struct
{
    private const int Four = 4;
    private const int KeysPerBlock = 512;

    /// <summary>Computes the row.</summary>
    /// <inheritdoc cref="AttentionKernel{TTier, TVector}.Run"/>
    public static void Run(AttentionJob* job, int batch, int head, int first, int end)
    {
        nint size = job->HeadSize;
        var room = stackalloc float[(2 * job->HeadSize) + KeysPerBlock + AttentionRows.Alignment];
        var query = AttentionRows.Aligned(room);
        var sums = query + size;
        var scores = sums + size;
        new Span<float>(sums, job->HeadSize).Clear();
        var (from, to) = AttentionRows.Prepare(job, batch, head, first, query);
        var (maximum, sum) = (AttentionRows.Lowest, 0f);
        var unit = (((nint)batch * job->KeyValueHeads) + head) * job->Capacity * size;
        for (var key = from / KeysPerBlock * KeysPerBlock; key < to; key += KeysPerBlock)
        {
            var keys = Math.Min(KeysPerBlock, to - key);
            Score(query, size, job->PresentKey + unit + (key * size), keys, scores);
            var kept = Weigh(job, from - key, to - key, keys, scores, ref maximum, ref sum);
            Accumulate(scores, kept, size, job->PresentValue + unit + (key * size), keys, sums);
        }
        var output = AttentionRows.Output(job, batch, head, first);
        for (nint i = 0; i < size; i += TTier.Lanes)
            TTier.Store(TTier.Multiply(TTier.Load(sums + i), TTier.Broadcast(1 / sum)), output + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* query, nint size, float* k, int keys, float* scores)
    {
        // Row after row, so that memory is read in its order.
        var key = 0;
        for (; key + Four <= keys; key += Four, k += Four * size)
        {
            AttentionRows.Fetch(k, Four * size);
            AttentionRows.Sums(Product(query, k, size), Product(query, k + size, size), Product(query, k + (2 * size), size), Product(query, k + (3 * size), size)).Store(scores + key);
        }
        for (; key < keys; key++, k += size)
            scores[key] = AttentionRows.Sums(Product(query, k, size), default, default, default)[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Product(float* query, float* k, nint size)
    {
        nint i = 0;
        TVector a = default, b = default;
        for (; i + (2 * TTier.Lanes) <= size; i += 2 * TTier.Lanes)
        {
            a = TTier.MultiplyAdd(TTier.Load(k + i), TTier.Load(query + i), a);
            b = TTier.MultiplyAdd(TTier.Load(k + i + TTier.Lanes), TTier.Load(query + i + TTier.Lanes), b);
        }
        if (i < size)
            a = TTier.MultiplyAdd(TTier.Load(k + i), TTier.Load(query + i), a);
        return TTier.Fold(TTier.Add(a, b));
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
            var score = AttentionRows.Capped(Vector128.Load(scores + key), job);
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
        var before = TTier.Broadcast(kept);
        for (nint i = 0; i < size; i += TTier.Lanes)
            TTier.Store(TTier.Multiply(TTier.Load(sums + i), before), sums + i);
        var key = 0;
        for (; key + 2 <= keys; key += 2, values += 2 * size)
        {
            AttentionRows.Fetch(values, 2 * size);
            TVector left = TTier.Broadcast(weights[key]), right = TTier.Broadcast(weights[key + 1]);
            for (nint i = 0; i < size; i += TTier.Lanes)
                TTier.Store(TTier.MultiplyAdd(TTier.Load(values + size + i), right, TTier.MultiplyAdd(TTier.Load(values + i), left, TTier.Load(sums + i))), sums + i);
        }
        if (key == keys)
            return;
        var last = TTier.Broadcast(weights[key]);
        for (nint i = 0; i < size; i += TTier.Lanes)
            TTier.Store(TTier.MultiplyAdd(TTier.Load(values + i), last, TTier.Load(sums + i)), sums + i);
    }
}
