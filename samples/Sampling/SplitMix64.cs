namespace Sampling;

/// <summary>
/// The SplitMix64 generator (Steele, Lea, Flood, OOPSLA 2014). Its sequence is the same on every runtime and processor,
/// which <see cref="System.Random"/> does not promise.
/// </summary>
public sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A uniform number in [0, 1), a multiple of 2⁻²⁴.</summary>
    public float NextUnit() => (NextUInt64() >> 40) * (1f / (1 << 24));

    public float Between(float low, float high) => low + (high - low) * NextUnit();

    /// <summary>A uniform whole number in [0, <paramref name="count"/>).</summary>
    public int Below(int count) => (int)(NextUInt64() % (ulong)count);

    /// <summary>One of the items, all equally likely.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>One of the items by Zipf's law: the item of rank r is drawn in proportion to 1 / r.</summary>
    public T PickByRank<T>(IReadOnlyList<T> items)
    {
        var total = 0f;
        for (var rank = 1; rank <= items.Count; rank++)
            total += 1f / rank;
        var left = total * NextUnit();
        for (var rank = 1; rank < items.Count; rank++)
        {
            left -= 1f / rank;
            if (left < 0)
                return items[rank - 1];
        }
        return items[^1];
    }

    public bool Chance(float probability) => NextUnit() < probability;

    /// <summary>About normal, mean 0 and variance 1: a sum of uniforms, because library logarithms differ between platforms.</summary>
    public float NextBell() => (NextUnit() + NextUnit() + NextUnit() + NextUnit() - 2) * 1.7320508f;

    /// <summary>The seed of item <paramref name="index"/> of a series, so that any item can be drawn alone.</summary>
    public static ulong SeedOf(ulong series, int index) => new SplitMix64(series * 0xD1B54A32D192ED03 + (ulong)index).NextUInt64();
}
