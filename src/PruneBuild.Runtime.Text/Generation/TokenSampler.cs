using System.Numerics.Tensors;

namespace PruneBuild.Runtime.Text;

/// <summary>Chooses tokens by their logits: penalty, temperature, the k most likely, the nucleus of probability p (Holtzman et al., 2019), draw.</summary>
internal sealed class TokenSampler
{
    private const int Lanes = 8;

    private readonly GenerationOptions options;
    private readonly ulong[] seen;
    private readonly List<int> distinct = [];
    private readonly float[] scaled;
    private int[] candidates = new int[256];
    private float[] keys = new float[256];
    private SplitMix64 random;

    public TokenSampler(int vocabulary, GenerationOptions options, long seed)
    {
        this.options = options;
        random = new SplitMix64(seed);
        var penalizes = options.RepetitionPenalty != 1;
        seen = penalizes ? new ulong[(vocabulary + 63) / 64] : [];
        scaled = options.Temperature > 0 ? new float[vocabulary] : [];
    }

    /// <summary>Takes a token of the prompt, or one that was chosen, into what the penalty counts as repeated.</summary>
    public void Observe(int token)
    {
        if (seen.Length == 0 || (seen[token >> 6] & (1UL << token)) != 0)
            return;
        seen[token >> 6] |= 1UL << token;
        distinct.Add(token);
    }

    /// <summary>The next token.</summary>
    /// <param name="logits">One of every token; the penalty changes them in place.</param>
    /// <exception cref="EdgeModelException">PB6117: none of them is a number.</exception>
    public int Next(Span<float> logits)
    {
        Penalize(logits);
        var best = TensorPrimitives.IndexOfMax<float>(logits);
        if (!float.IsFinite(logits[best]))
            throw new EdgeModelException(EdgeModelException.GenerationFailed, $"The logit of token {best} is {logits[best]}.");
        return options.Temperature == 0 || options.TopK == 1 ? best : Draw(logits, logits[best]);
    }

    private void Penalize(Span<float> logits)
    {
        foreach (var token in distinct)
            logits[token] = logits[token] > 0 ? logits[token] / options.RepetitionPenalty : logits[token] * options.RepetitionPenalty;
    }

    /// <summary>
    /// Draws from exp((logit − highest) ÷ temperature). Only candidates are sorted: above the k-th logit, or, for a nucleus of all V tokens, of
    /// weight above total·(1 − p) ÷ V, as those below have less than 1 − p together.
    /// </summary>
    private int Draw(ReadOnlySpan<float> logits, float highest)
    {
        var weights = scaled.AsSpan(0, logits.Length);
        TensorPrimitives.Subtract(logits, highest, weights);
        TensorPrimitives.Divide(weights, options.Temperature, weights);
        if (options.TopK > 0 && options.TopK < logits.Length)
        {
            var chosen = Collect(weights, KthLargest(weights, options.TopK));
            chosen = Math.Min(chosen, options.TopK);
            TensorPrimitives.Exp(keys.AsSpan(0, chosen), keys.AsSpan(0, chosen));
            return Pick(Nucleus(chosen, Sum(keys.AsSpan(0, chosen))));
        }
        TensorPrimitives.Exp(weights, weights);
        var total = Sum(weights);
        if (options.TopP == 1)
            return Pick(weights, total);
        return Pick(Nucleus(Collect(weights, (float)(total * (1 - (double)options.TopP) / logits.Length)), total));
    }

    /// <summary>The most likely of the sorted candidates that reach the wished probability together.</summary>
    private int Nucleus(int count, double total)
    {
        if (options.TopP == 1)
            return count;
        var (reached, taken) = (0.0, 0);
        while (taken < count && reached < options.TopP * total)
            reached += keys[taken++];
        return taken;
    }

    private int Pick(int count)
    {
        var at = Index(keys.AsSpan(0, count), random.NextDouble() * Sum(keys.AsSpan(0, count)));
        return candidates[at];
    }

    private int Pick(ReadOnlySpan<float> weights, double total) => Index(weights, random.NextDouble() * total);

    /// <summary>The first index at which the running sum exceeds a number; rounding may leave the last of positive weight.</summary>
    private static int Index(ReadOnlySpan<float> weights, double number)
    {
        var (sum, last) = (0.0, 0);
        for (var index = 0; index < weights.Length; index++)
        {
            if (weights[index] == 0)
                continue;
            last = index;
            if ((sum += weights[index]) > number)
                return index;
        }
        return last;
    }

    /// <summary>Puts the values that are at least so large, and their tokens, in descending order; equal ones by token.</summary>
    private int Collect(ReadOnlySpan<float> values, float least)
    {
        var count = 0;
        for (var index = 0; index < values.Length; index++)
        {
            // Never true for NaN, which has no rank.
            if (!(values[index] >= least))
                continue;
            if (count == candidates.Length)
            {
                Array.Resize(ref candidates, 2 * count);
                Array.Resize(ref keys, 2 * count);
            }
            (candidates[count], keys[count]) = (index, values[index]);
            count++;
        }
        keys.AsSpan(0, count).Sort(candidates.AsSpan(0, count), static (a, b) => b.CompareTo(a));
        OrderEquals(count);
        return count;
    }

    /// <summary>The sort is not stable.</summary>
    private void OrderEquals(int count)
    {
        for (var start = 0; start < count;)
        {
            var end = start + 1;
            while (end < count && keys[end] == keys[start])
                end++;
            candidates.AsSpan(start, end - start).Sort();
            start = end;
        }
    }

    private float KthLargest(ReadOnlySpan<float> values, int count)
    {
        if (keys.Length < count)
            (keys, candidates) = (new float[count], new int[count]);
        var heap = keys.AsSpan(0, count);
        values[..count].CopyTo(heap);
        for (var parent = (count / 2) - 1; parent >= 0; parent--)
            SiftDown(heap, parent);
        for (var index = count; index < values.Length; index++)
        {
            if (!(values[index] > heap[0]))
                continue;
            heap[0] = values[index];
            SiftDown(heap, 0);
        }
        return heap[0];
    }

    private static void SiftDown(Span<float> heap, int parent)
    {
        var value = heap[parent];
        for (int child; (child = (2 * parent) + 1) < heap.Length; parent = child)
        {
            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= value)
                break;
            heap[parent] = heap[child];
        }
        heap[parent] = value;
    }

    /// <summary>The sum of eight running sums, which is the same on every CPU.</summary>
    private static double Sum(ReadOnlySpan<float> values)
    {
        Span<double> sums = stackalloc double[Lanes];
        sums.Clear();
        var index = 0;
        for (; index + Lanes <= values.Length; index += Lanes)
            for (var lane = 0; lane < Lanes; lane++)
                sums[lane] += values[index + lane];
        for (; index < values.Length; index++)
            sums[0] += values[index];
        return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }
}
