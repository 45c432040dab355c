namespace PruneBuild.Runtime.Text;

/// <summary>The generator SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): a seed's numbers are the same everywhere.</summary>
internal struct SplitMix64(long seed)
{
    private ulong state = (ulong)seed;

    /// <summary>The next number from 0 to below 1, a multiple of 2⁻⁵³.</summary>
    public double NextDouble()
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
