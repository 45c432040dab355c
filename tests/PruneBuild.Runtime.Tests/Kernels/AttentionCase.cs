using PruneBuild.Runtime;

namespace PruneBuild.Tests.Kernels;

/// <summary>Attention of some size over a cache, with numbers of its own.</summary>
internal sealed record AttentionCase(int Heads, int KeyValueHeads, int HeadSize, int Sequence, params int[] Cached)
{
    public int Window { get; init; }

    public float Softcap { get; init; }

    public int RotaryPairs { get; init; }

    /// <summary>Rows of the cache beyond those needed.</summary>
    public int Spare { get; init; }

    /// <summary>Whether queries, keys and values are one tensor.</summary>
    public bool IsPacked { get; init; }

    public bool IsFirst => Cached.All(count => count == 0);

    public int Batch => Cached.Length;

    /// <summary>Positions of the longest sequence.</summary>
    public int Total => Cached.Max() + Sequence;

    public int Capacity => Total + Spare;

    public int[] Lengths => [.. Cached.Select(count => count + Sequence - 1)];

    public float Scale => 1 / MathF.Sqrt(HeadSize);

    public float[] Query => Numbers(1, Batch * Sequence * Heads * HeadSize, 2);

    public float[] Key => Numbers(2, Batch * Sequence * KeyValueHeads * HeadSize, 2);

    public float[] Value => Numbers(3, Batch * Sequence * KeyValueHeads * HeadSize, 1);

    /// <summary>[batch, key-value heads, capacity, head size]; rows that nothing was written to are no numbers.</summary>
    public float[] PastKey => Past(4);

    public float[] PastValue => Past(5);

    public float[] Cosines => Angles(Math.Cos);

    public float[] Sines => Angles(Math.Sin);

    /// <summary>Queries, keys and values of a position one after the other.</summary>
    public float[] Packed()
    {
        var (query, key, value) = (Query, Key, Value);
        var (wide, narrow) = (Heads * HeadSize, KeyValueHeads * HeadSize);
        return [.. Enumerable.Range(0, Batch * Sequence).SelectMany(position =>
            query[(position * wide)..((position + 1) * wide)].Concat(key[(position * narrow)..((position + 1) * narrow)]).Concat(value[(position * narrow)..((position + 1) * narrow)]))];
    }

    /// <summary>The definition, in double precision: [batch, sequence, heads, head size].</summary>
    public double[] Expected()
    {
        var (query, key, value, pastKey, pastValue, cosines, sines) = (Query, Key, Value, PastKey, PastValue, Cosines, Sines);
        var result = new double[query.Length];
        double[] Turned(float[] values, int row, int position)
        {
            var turned = Row(values, row);
            for (var pair = 0; pair < RotaryPairs; pair++)
            {
                var (x, y) = (turned[pair], turned[RotaryPairs + pair]);
                double cosine = cosines[(position * RotaryPairs) + pair], sine = sines[(position * RotaryPairs) + pair];
                (turned[pair], turned[RotaryPairs + pair]) = ((x * cosine) - (y * sine), (x * sine) + (y * cosine));
            }
            return turned;
        }

        for (var batch = 0; batch < Batch; batch++)
        {
            for (var step = 0; step < Sequence; step++)
            {
                for (var head = 0; head < Heads; head++)
                {
                    var shared = head / (Heads / KeyValueHeads);
                    var position = Cached[batch] + step;
                    var turned = Turned(query, (((batch * Sequence) + step) * Heads) + head, position);
                    double[] OfKey(int at) => at < Cached[batch]
                        ? Row(pastKey, (((batch * KeyValueHeads) + shared) * Capacity) + at)
                        : Turned(key, (((batch * Sequence) + at - Cached[batch]) * KeyValueHeads) + shared, at);
                    double[] OfValue(int at) => at < Cached[batch]
                        ? Row(pastValue, (((batch * KeyValueHeads) + shared) * Capacity) + at)
                        : Row(value, (((batch * Sequence) + at - Cached[batch]) * KeyValueHeads) + shared);
                    var seen = Enumerable.Range(0, position + 1).Where(at => Window == 0 || at > position - Window).ToList();
                    var scores = seen.Select(at => Capped(OfKey(at).Zip(turned, (a, b) => a * b).Sum() * Scale)).ToList();
                    var highest = scores.Max();
                    var weights = scores.Select(score => Math.Exp(score - highest)).ToList();
                    var (values, sum) = (seen.Select(OfValue).ToList(), weights.Sum());
                    for (var feature = 0; feature < HeadSize; feature++)
                        result[(((((batch * Sequence) + step) * Heads) + head) * HeadSize) + feature] = values.Zip(weights, (row, weight) => row[feature] * weight).Sum() / sum;
                }
            }
        }
        return result;
    }

    private double Capped(double score) => Softcap == 0 ? score : Softcap * Math.Tanh(score / Softcap);

    private double[] Row(float[] values, int row) => [.. values.AsSpan(row * HeadSize, HeadSize).ToArray().Select(value => (double)value)];

    private float[] Past(int seed)
    {
        var numbers = Numbers(seed, Batch * KeyValueHeads * Capacity * HeadSize, 2);
        for (var row = 0; row < numbers.Length / HeadSize; row++)
        {
            if (row % Capacity >= Cached[row / Capacity / KeyValueHeads])
                numbers.AsSpan(row * HeadSize, HeadSize).Fill(float.NaN);
        }
        return numbers;
    }

    private float[] Angles(Func<double, double> function) =>
        [.. Enumerable.Range(0, Capacity * RotaryPairs).Select(index => (float)function(index / RotaryPairs * Math.Pow(100, -(double)(index % RotaryPairs) / RotaryPairs)))];

    private static float[] Numbers(int seed, int count, float reach)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => ((random.NextSingle() * 2) - 1) * reach)];
    }

    /// <summary>Cases that meet every edge: blocks of keys, tiles of rows, heads of every vector length, groups of one and of many.</summary>
    public static IReadOnlyList<AttentionCase> Sample() =>
    [
        new(1, 1, 4, 1, 0), new(3, 1, 8, 1, 5), new(9, 3, 64, 1, 140), new(4, 4, 16, 1, 63), new(4, 4, 16, 1, 64), new(4, 4, 16, 1, 65),
        new(32, 4, 64, 1, 200) { Spare = 7, RotaryPairs = 32 }, new(5, 1, 12, 3, 9), new(17, 1, 20, 1, 70), new(2, 1, 40, 5, 0) { RotaryPairs = 10 },
        new(4, 2, 80, 70, 0) { RotaryPairs = 16 }, new(6, 2, 128, 33, 40) { RotaryPairs = 64, Spare = 3 }, new(2, 2, 32, 9, 0, 0, 0), new(4, 2, 16, 1, 3, 80, 129) { RotaryPairs = 8 },
        new(2, 2, 96, 1, 137) { RotaryPairs = 48, Spare = 2 }, new(3, 3, 128, 1, 64, 9) { Window = 12, Softcap = 4 }, new(2, 2, 20, 1, 66),
        new(4, 2, 16, 1, 90) { Window = 10 }, new(4, 2, 16, 40, 30) { Window = 7 }, new(4, 2, 16, 130, 0) { Window = 64, Softcap = 3 }, new(3, 3, 256, 2, 65) { Softcap = 20 },
        new(4, 2, 64, 7, 20) { IsPacked = true, RotaryPairs = 32 },
    ];
}
