namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// Signatures whose equal places estimate the Jaccard similarity of two sets, and their grouping by bands, so that similar sets are found
/// without comparing all pairs. A. Z. Broder et al., "Min-wise independent permutations", STOC 1998; the bands as in J. Leskovec,
/// A. Rajaraman, J. D. Ullman, "Mining of massive datasets" (2014), chapter 3. With 16 bands of 4 places a pair of similarity 0.8 shares
/// a band with probability 0.9998, one of 0.5 with 0.64.
/// </summary>
internal sealed class MinHash
{
    public const int Bands = 16;
    private const int Rows = 4;

    private readonly (ulong Factor, ulong Addend)[] _functions = new (ulong, ulong)[Bands * Rows];

    /// <param name="seed">Seed of the hash functions.</param>
    public MinHash(int seed)
    {
        var state = Mix((ulong)seed + 1);
        ulong Next() => Mix(state += 0x9E3779B97F4A7C15);
        for (var i = 0; i < _functions.Length; i++) _functions[i] = (Next() | 1, Next());
    }

    /// <summary>The signature of a set; null of an empty one.</summary>
    public uint[]? Signature(ulong[] set)
    {
        if (set.Length == 0) return null;
        var signature = new uint[_functions.Length];
        for (var i = 0; i < signature.Length; i++)
        {
            var (factor, addend) = _functions[i];
            var least = uint.MaxValue;
            foreach (var item in set) least = Math.Min(least, (uint)(((item * factor) + addend) >> 32));
            signature[i] = least;
        }
        return signature;
    }

    /// <summary>The places of one band as a number; equal for sets that are candidates.</summary>
    public static UInt128 Band(uint[] signature, int band)
    {
        var places = signature.AsSpan(band * Rows, Rows);
        return new UInt128(((ulong)places[0] << 32) | places[1], ((ulong)places[2] << 32) | places[3]);
    }

    /// <summary>The finalizer of SplitMix64: every bit of the argument moves about half of the result's.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
