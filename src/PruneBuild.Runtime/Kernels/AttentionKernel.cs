using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime;

/// <summary>
/// softmax(scale · Q · Kᵀ) · V without the matrix of scores: blocks of keys pass by while maximum and sum of every row are carried
/// along (Milakov and Gimelshein 2018; Dao et al. 2022). Rows come in fours, which are lanes where the softmax is computed. Blocks begin
/// at fixed positions, so that the result depends on no division among threads.
/// </summary>
internal static unsafe class AttentionKernel<TTier, TVector>
    where TTier : struct, IFloat32Tier<TVector>
    where TVector : struct
{
    private const int Four = 4;
    private const int MostLanes = 16;

    /// <summary>Computes rows of queries of one sequence that share a key-value head.</summary>
    /// <param name="job">The whole; keys and values are in the cache.</param>
    /// <param name="batch">Sequence.</param>
    /// <param name="head">Key-value head.</param>
    /// <param name="first">Row position · group + head in the group.</param>
    /// <param name="end">At most <see cref="GroupedAttention.RowsPerTile"/> after the first.</param>
    public static void Run(AttentionJob* job, int batch, int head, int first, int end)
    {
        nint size = job->HeadSize;
        var fours = (end - first + Four - 1) / Four;
        var room = stackalloc float[(2 * GroupedAttention.RowsPerTile * job->HeadSize) + (GroupedAttention.KeysPerBlock * Four) + AttentionRows.Alignment];
        var queries = AttentionRows.Aligned(room);
        var sums = queries + (GroupedAttention.RowsPerTile * size);
        var scores = sums + (GroupedAttention.RowsPerTile * size);
        var state = stackalloc FourRows[GroupedAttention.RowsPerTile / Four];
        new Span<float>(queries, 2 * GroupedAttention.RowsPerTile * job->HeadSize).Clear();
        var (begin, last, from, to) = (int.MaxValue, 0, 0, 0);
        for (var row = 0; row < fours * Four; row++)
        {
            // Rows that fill up the last four are zeros and see what the last one sees.
            if (first + row < end)
                (from, to) = AttentionRows.Prepare(job, batch, head, first + row, queries + (row * size));
            (begin, last) = (Math.Min(begin, from), Math.Max(last, to));
            state[row / Four].Set(row % Four, from, to, AttentionRows.Lowest);
        }

        var unit = (((nint)batch * job->KeyValueHeads) + head) * job->Capacity * size;
        for (var key = begin / GroupedAttention.KeysPerBlock * GroupedAttention.KeysPerBlock; key < last; key += GroupedAttention.KeysPerBlock)
        {
            var keys = Math.Min(GroupedAttention.KeysPerBlock, last - key);
            var place = unit + (key * size);
            for (var four = 0; four < fours; four++)
            {
                Score(queries + (four * Four * size), size, job->PresentKey + place, keys, scores);
                var kept = keys == GroupedAttention.KeysPerBlock && job->Softcap == 0 && state[four].SeesAll(key, key + keys)
                    ? WeighAll(&state[four], scores) : Weigh(job, &state[four], key, keys, scores);
                Accumulate(scores, kept, size, job->PresentValue + place, keys, sums + (four * Four * size));
            }
        }
        for (var row = first; row < end; row++)
        {
            var scale = TTier.Broadcast(1 / state[(row - first) / Four].Sum[(row - first) % Four]);
            var output = AttentionRows.Output(job, batch, head, row);
            for (nint i = 0; i < size; i += TTier.Lanes)
                TTier.Store(TTier.Multiply(TTier.Load(sums + ((row - first) * size) + i), scale), output + i);
        }
    }

    /// <summary>scores[key, row] = query of the row · key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* q, nint size, float* k, int keys, float* scores)
    {
        float* q1 = q + size, q2 = q1 + size, q3 = q2 + size;
        var key = 0;
        for (; key + 2 <= keys; key += 2, k += 2 * size)
        {
            AttentionRows.Fetch(k, 2 * size);
            TVector a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            for (nint i = 0; i < size; i += TTier.Lanes)
            {
                var (left, right) = (TTier.Load(k + i), TTier.Load(k + size + i));
                (a0, b0) = (TTier.MultiplyAdd(TTier.Load(q + i), left, a0), TTier.MultiplyAdd(TTier.Load(q + i), right, b0));
                (a1, b1) = (TTier.MultiplyAdd(TTier.Load(q1 + i), left, a1), TTier.MultiplyAdd(TTier.Load(q1 + i), right, b1));
                (a2, b2) = (TTier.MultiplyAdd(TTier.Load(q2 + i), left, a2), TTier.MultiplyAdd(TTier.Load(q2 + i), right, b2));
                (a3, b3) = (TTier.MultiplyAdd(TTier.Load(q3 + i), left, a3), TTier.MultiplyAdd(TTier.Load(q3 + i), right, b3));
            }
            AttentionRows.Sums(TTier.Fold(a0), TTier.Fold(a1), TTier.Fold(a2), TTier.Fold(a3)).Store(scores + (key * Four));
            AttentionRows.Sums(TTier.Fold(b0), TTier.Fold(b1), TTier.Fold(b2), TTier.Fold(b3)).Store(scores + ((key + 1) * Four));
        }
        if (key < keys)
        {
            TVector a0 = default, a1 = default, a2 = default, a3 = default;
            for (nint i = 0; i < size; i += TTier.Lanes)
            {
                var left = TTier.Load(k + i);
                a0 = TTier.MultiplyAdd(TTier.Load(q + i), left, a0);
                a1 = TTier.MultiplyAdd(TTier.Load(q1 + i), left, a1);
                a2 = TTier.MultiplyAdd(TTier.Load(q2 + i), left, a2);
                a3 = TTier.MultiplyAdd(TTier.Load(q3 + i), left, a3);
            }
            AttentionRows.Sums(TTier.Fold(a0), TTier.Fold(a1), TTier.Fold(a2), TTier.Fold(a3)).Store(scores + (key * Four));
        }
    }

    /// <summary>Scores become e^(score − maximum), zero where a row does not see the key.</summary>
    /// <returns>What earlier sums of each row are multiplied by, now that the maximum is another.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<float> Weigh(AttentionJob* job, FourRows* rows, int first, int keys, float* scores)
    {
        var (from, to, before) = (rows->From, rows->To, rows->Maximum);
        var maximum = before;
        for (var key = 0; key < keys; key++)
        {
            var score = AttentionRows.Capped(Vector128.Load(scores + (key * Four)), job);
            score.Store(scores + (key * Four));
            maximum = Vector128.ConditionalSelect(AttentionRows.Seen(Vector128.Create(first + key), from, to), Vector128.Max(maximum, score), maximum);
        }
        var kept = ActivationFunctions.Exp(before - maximum);
        var sum = rows->Sum * kept;
        for (var key = 0; key < keys; key++)
        {
            var weight = ActivationFunctions.Exp(Vector128.Load(scores + (key * Four)) - maximum) & AttentionRows.Seen(Vector128.Create(first + key), from, to);
            weight.Store(scores + (key * Four));
            sum += weight;
        }
        (rows->Maximum, rows->Sum) = (maximum, sum);
        return kept;
    }

    /// <summary>As <see cref="Weigh"/> where every row sees the whole block, with as many keys beside each other as a vector holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<float> WeighAll(FourRows* rows, float* scores)
    {
        const int Count = GroupedAttention.KeysPerBlock * Four;
        var room = stackalloc float[MostLanes];
        var highest = TTier.Load(scores);
        for (var i = TTier.Lanes; i < Count; i += TTier.Lanes)
            highest = TTier.Maximum(highest, TTier.Load(scores + i));
        TTier.Store(highest, room);
        var maximum = rows->Maximum;
        for (var i = 0; i < TTier.Lanes; i += Four)
            maximum = Vector128.MaxNative(maximum, Vector128.Load(room + i));
        for (var i = 0; i < TTier.Lanes; i += Four)
            (-maximum).Store(room + i);
        var (shift, total) = (TTier.Load(room), default(TVector));
        for (var i = 0; i < Count; i += TTier.Lanes)
        {
            var weight = Exp(TTier.Add(TTier.Load(scores + i), shift));
            TTier.Store(weight, scores + i);
            total = TTier.Add(total, weight);
        }
        var kept = ActivationFunctions.Exp(rows->Maximum - maximum);
        (rows->Maximum, rows->Sum) = (maximum, (rows->Sum * kept) + TTier.Fold(total));
        return kept;
    }

    /// <summary>As <see cref="ActivationFunctions.Exp"/>, of what is not above zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Exp(TVector x)
    {
        x = TTier.Maximum(TTier.Broadcast(-87), x);
        var power = TTier.Round(TTier.Multiply(x, TTier.Broadcast(1.44269504f)));
        var rest = TTier.MultiplyAdd(power, TTier.Broadcast(-0.693359375f), x);
        rest = TTier.MultiplyAdd(power, TTier.Broadcast(2.12194440e-4f), rest);
        var series = TTier.Broadcast(1.9875691500e-4f);
        series = TTier.MultiplyAdd(series, rest, TTier.Broadcast(1.3981999507e-3f));
        series = TTier.MultiplyAdd(series, rest, TTier.Broadcast(8.3334519073e-3f));
        series = TTier.MultiplyAdd(series, rest, TTier.Broadcast(4.1665795894e-2f));
        series = TTier.MultiplyAdd(series, rest, TTier.Broadcast(1.6666665459e-1f));
        series = TTier.MultiplyAdd(series, rest, TTier.Broadcast(5.0000001201e-1f));
        var value = TTier.MultiplyAdd(series, TTier.Multiply(rest, rest), TTier.Add(rest, TTier.Broadcast(1)));
        return TTier.Multiply(value, TTier.PowerOfTwo(power));
    }

    /// <summary>sums[row] = kept · sums[row] + Σ weights[key, row] · values[key].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate(float* weights, Vector128<float> kept, nint size, float* values, int keys, float* sums)
    {
        float* s1 = sums + size, s2 = s1 + size, s3 = s2 + size;
        var (k0, k1, k2, k3) = (TTier.Broadcast(kept[0]), TTier.Broadcast(kept[1]), TTier.Broadcast(kept[2]), TTier.Broadcast(kept[3]));
        nint lanes = TTier.Lanes;
        nint i = 0;
        for (; i + (2 * lanes) <= size; i += 2 * lanes)
        {
            TVector a0 = TTier.Multiply(TTier.Load(sums + i), k0), b0 = TTier.Multiply(TTier.Load(sums + i + lanes), k0);
            TVector a1 = TTier.Multiply(TTier.Load(s1 + i), k1), b1 = TTier.Multiply(TTier.Load(s1 + i + lanes), k1);
            TVector a2 = TTier.Multiply(TTier.Load(s2 + i), k2), b2 = TTier.Multiply(TTier.Load(s2 + i + lanes), k2);
            TVector a3 = TTier.Multiply(TTier.Load(s3 + i), k3), b3 = TTier.Multiply(TTier.Load(s3 + i + lanes), k3);
            float* value = values + i, weight = weights;
            for (var key = 0; key < keys; key++, value += size, weight += Four)
            {
                if (i == 0)
                    AttentionRows.Fetch(value, size);
                var (left, right) = (TTier.Load(value), TTier.Load(value + lanes));
                var w = TTier.Broadcast(weight[0]);
                (a0, b0) = (TTier.MultiplyAdd(w, left, a0), TTier.MultiplyAdd(w, right, b0));
                w = TTier.Broadcast(weight[1]);
                (a1, b1) = (TTier.MultiplyAdd(w, left, a1), TTier.MultiplyAdd(w, right, b1));
                w = TTier.Broadcast(weight[2]);
                (a2, b2) = (TTier.MultiplyAdd(w, left, a2), TTier.MultiplyAdd(w, right, b2));
                w = TTier.Broadcast(weight[3]);
                (a3, b3) = (TTier.MultiplyAdd(w, left, a3), TTier.MultiplyAdd(w, right, b3));
            }
            TTier.Store(a0, sums + i);
            TTier.Store(b0, sums + i + lanes);
            TTier.Store(a1, s1 + i);
            TTier.Store(b1, s1 + i + lanes);
            TTier.Store(a2, s2 + i);
            TTier.Store(b2, s2 + i + lanes);
            TTier.Store(a3, s3 + i);
            TTier.Store(b3, s3 + i + lanes);
        }
        if (i == size)
            return;
        TVector c0 = TTier.Multiply(TTier.Load(sums + i), k0), c1 = TTier.Multiply(TTier.Load(s1 + i), k1), c2 = TTier.Multiply(TTier.Load(s2 + i), k2), c3 = TTier.Multiply(TTier.Load(s3 + i), k3);
        for (var key = 0; key < keys; key++)
        {
            var value = TTier.Load(values + i + (key * size));
            var weight = weights + (key * Four);
            c0 = TTier.MultiplyAdd(TTier.Broadcast(weight[0]), value, c0);
            c1 = TTier.MultiplyAdd(TTier.Broadcast(weight[1]), value, c1);
            c2 = TTier.MultiplyAdd(TTier.Broadcast(weight[2]), value, c2);
            c3 = TTier.MultiplyAdd(TTier.Broadcast(weight[3]), value, c3);
        }
        TTier.Store(c0, sums + i);
        TTier.Store(c1, s1 + i);
        TTier.Store(c2, s2 + i);
        TTier.Store(c3, s3 + i);
    }

    /// <summary>What is carried from block to block for four rows: the keys that each sees, its highest score and the sum of its weights.</summary>
    private struct FourRows
    {
        public Vector128<int> From;
        public Vector128<int> To;
        public Vector128<float> Maximum;
        public Vector128<float> Sum;

        /// <summary>Whether every row sees the keys from one to before another.</summary>
        public readonly bool SeesAll(int first, int end) => Vector128.LessThanOrEqualAll(From, Vector128.Create(first)) && Vector128.GreaterThanOrEqualAll(To, Vector128.Create(end));

        public void Set(int row, int from, int to, float maximum)
        {
            (From, To) = (From.WithElement(row, from), To.WithElement(row, to));
            (Maximum, Sum) = (Maximum.WithElement(row, maximum), Sum.WithElement(row, 0));
        }
    }
}
