namespace PruneBuild.Compression.Quantization;

/// <summary>
/// How often which values occur in a tensor. Bins are a power of two wide, as narrow as the largest magnitude allows, so the bins of one histogram lie
/// whole in those of a coarser one: histograms merge exactly, in any order, and none grows. Zeros are counted apart, for every scale has a level for them.
/// </summary>
public sealed class ActivationHistogram
{
    /// <summary>Bins on each side of zero.</summary>
    public const int Side = 4096;

    // The width at which the smallest float fills the last bin.
    private const int LeastExponent = -161;

    private long[] bins = new long[2 * Side];
    private int exponent = LeastExponent;

    /// <summary>Finite values seen.</summary>
    public long Count { get; private set; }

    /// <summary>Zeros among them.</summary>
    public long Zeros { get; private set; }

    /// <summary>Values that are NaN or infinite.</summary>
    public long NonFinite { get; private set; }

    /// <summary>The least value, at most 0.</summary>
    public float Low { get; private set; }

    /// <summary>The largest value, at least 0.</summary>
    public float High { get; private set; }

    /// <summary>Width of a bin. Bin i of <see cref="Bins"/> holds values from (i − <see cref="Side"/>) times the width up to the next bin.</summary>
    public double BinWidth => Math.ScaleB(1, exponent);

    /// <summary>Values of each bin, without zeros, [2 × <see cref="Side"/>].</summary>
    public ReadOnlySpan<long> Bins => bins;

    /// <summary>Adds values.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        var (low, high) = (Low, High);
        long finite = 0;
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                continue;
            finite++;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        (Low, High) = (low, high);
        Count += finite;
        NonFinite += values.Length - finite;
        Coarsen(ExponentFor(Math.Max(high, -low)));
        var perValue = Math.ScaleB(1, -exponent);
        long zeros = 0;
        foreach (var value in values)
        {
            if (value == 0)
                zeros++;
            else if (float.IsFinite(value))
                bins[(int)Math.Floor(value * perValue) + Side]++;
        }
        Zeros += zeros;
    }

    /// <summary>Adds what another histogram has seen.</summary>
    public void Merge(ActivationHistogram other)
    {
        Coarsen(other.exponent);
        var shift = Math.Min(31, exponent - other.exponent);
        for (var bin = 0; bin < bins.Length; bin++)
            bins[((bin - Side) >> shift) + Side] += other.bins[bin];
        (Low, High) = (Math.Min(Low, other.Low), Math.Max(High, other.High));
        (Count, Zeros, NonFinite) = (Count + other.Count, Zeros + other.Zeros, NonFinite + other.NonFinite);
    }

    /// <summary>The narrowest bins that reach a magnitude.</summary>
    private static int ExponentFor(float magnitude) =>
        magnitude == 0 ? LeastExponent : Math.Max(LeastExponent, Math.ILogB((double)magnitude) + 1 - int.Log2(Side));

    private void Coarsen(int wanted)
    {
        if (wanted <= exponent)
            return;
        var shift = Math.Min(31, wanted - exponent);
        var coarse = new long[bins.Length];
        for (var bin = 0; bin < bins.Length; bin++)
            coarse[((bin - Side) >> shift) + Side] += bins[bin];
        (bins, exponent) = (coarse, wanted);
    }
}
