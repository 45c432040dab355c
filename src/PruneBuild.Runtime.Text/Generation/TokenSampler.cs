using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Runtime.Text;

/// <summary>Chooses tokens by their logits: penalty, temperature, the k most likely, the nucleus of probability p (Holtzman et al., 2019), draw.</summary>
internal sealed class TokenSampler
{
    private const int Block = 1024;

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
    /// <param name="logits">One of every token; penalty and constraint change them in place.</param>
    /// <param name="constraint">Which tokens may be chosen; null for all.</param>
    /// <exception cref="EdgeModelException">PB6117: none of them is a number. PB6118: none may be chosen.</exception>
    public int Next(Span<float> logits, ConstrainedVocabulary? constraint = null)
    {
        Penalize(logits);
        if (constraint is null)
            return Choose(logits, logits.Length);
        // Mostly the likeliest token fits, and looking at one is far cheaper than at all.
        if (IsGreedy && Likeliest(logits) is var likeliest && constraint.Allows(likeliest))
            return likeliest;
        var allowed = constraint.Allowed();
        allowed.Apply(logits);
        return Choose(logits, allowed.Count);
    }

    private bool IsGreedy => options.Temperature == 0 || options.TopK == 1;

    private static int Likeliest(ReadOnlySpan<float> logits) => IndexOf(logits, Highest(logits));

    private int Choose(ReadOnlySpan<float> logits, int possible)
    {
        var highest = Highest(logits);
        return IsGreedy ? IndexOf(logits, highest) : Draw(logits, highest, possible);
    }

    private static float Highest(ReadOnlySpan<float> logits)
    {
        // NaN, if there is one. Two passes: keeping the index of the highest takes several times as long.
        var highest = TensorPrimitives.Max(logits);
        return float.IsFinite(highest) ? highest : throw new EdgeModelException(EdgeModelException.GenerationFailed, $"The highest logit is {highest}.");
    }

    private static int IndexOf(ReadOnlySpan<float> logits, float value) => MemoryMarshal.Cast<float, int>(logits).IndexOf(BitConverter.SingleToInt32Bits(value));

    private void Penalize(Span<float> logits)
    {
        foreach (var token in distinct)
            logits[token] = logits[token] > 0 ? logits[token] / options.RepetitionPenalty : logits[token] * options.RepetitionPenalty;
    }

    /// <summary>
    /// Draws from exp((logit − highest) ÷ temperature). Only candidates are sorted: above the k-th logit, or, for a nucleus of all V tokens, of
    /// weight above total·(1 − p) ÷ V, as those below have less than 1 − p together.
    /// </summary>
    private int Draw(ReadOnlySpan<float> logits, float highest, int possible)
    {
        if (options.TopK > 0 && options.TopK < logits.Length)
        {
            // Of fewer than k that are possible, all.
            var most = Math.Min(options.TopK, possible);
            var chosen = Math.Min(most, Collect(logits, KthLargest(logits, most)));
            Weigh(keys.AsSpan(0, chosen), highest, keys.AsSpan(0, chosen));
            return Pick(Nucleus(chosen, Sum(keys.AsSpan(0, chosen))));
        }
        var weights = scaled.AsSpan(0, logits.Length);
        Weigh(logits, highest, weights);
        var total = Sum(weights);
        if (options.TopP == 1)
            return Pick(weights, total);
        return Pick(Nucleus(Collect(weights, (float)(total * (1 - (double)options.TopP) / logits.Length)), total));
    }

    private void Weigh(ReadOnlySpan<float> logits, float highest, Span<float> weights)
    {
        TensorPrimitives.Subtract(logits, highest, weights);
        TensorPrimitives.Divide(weights, options.Temperature, weights);
        TensorPrimitives.Exp(weights, weights);
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

    /// <summary>The first index at which the running sum, of blocks first, exceeds a number; rounding may leave the last of positive weight.</summary>
    private static int Index(ReadOnlySpan<float> weights, double number)
    {
        var (sum, last, start) = (0.0, 0, 0);
        for (; start + Block < weights.Length && Sum(weights.Slice(start, Block)) is var block && sum + block <= number; start += Block)
        {
            sum += block;
            last = block > 0 ? start + weights.Slice(start, Block).LastIndexOfAnyExcept(0) : last;
        }
        for (var index = start; index < weights.Length; index++)
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
        for (var index = NextFrom(values, 0, least); index < values.Length; index = NextFrom(values, index + 1, least))
        {
            if (count == candidates.Length)
            {
                Array.Resize(ref candidates, 2 * count);
                Array.Resize(ref keys, 2 * count);
            }
            (candidates[count], keys[count]) = (index, values[index]);
            count++;
        }
        keys.AsSpan(0, count).Sort(candidates.AsSpan(0, count));
        keys.AsSpan(0, count).Reverse();
        candidates.AsSpan(0, count).Reverse();
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
        for (var index = NextFrom(values, count, heap[0]); index < values.Length; index = NextFrom(values, index + 1, heap[0]))
        {
            heap[0] = values[index];
            SiftDown(heap, 0);
        }
        return heap[0];
    }

    /// <summary>The first index from another on of a value that is at least so large, or the number of values.</summary>
    private static int NextFrom(ReadOnlySpan<float> values, int index, float least)
    {
        var bound = new Vector<float>(least);
        while (index + Vector<float>.Count <= values.Length && !Vector.GreaterThanOrEqualAny(new Vector<float>(values[index..]), bound))
            index += Vector<float>.Count;
        while (index < values.Length && !(values[index] >= least))
            index++;
        return index;
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

    /// <summary>The sum of eight running sums and the rest, which is the same on every CPU.</summary>
    private static double Sum(ReadOnlySpan<float> values)
    {
        var (low, high, index) = (Vector256<double>.Zero, Vector256<double>.Zero, 0);
        for (; index + Vector256<float>.Count <= values.Length; index += Vector256<float>.Count)
        {
            var (first, second) = Vector256.Widen(Vector256.Create(values.Slice(index, Vector256<float>.Count)));
            (low, high) = (low + first, high + second);
        }
        var sum = ((low[0] + low[1]) + (low[2] + low[3])) + ((high[0] + high[1]) + (high[2] + high[3]));
        for (; index < values.Length; index++)
            sum += values[index];
        return sum;
    }
}
