using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PruneBuild.Targeting.Calibration;

/// <summary>Reads a buffer from end to end: to measure bandwidth, or to drive everything else out of the caches.</summary>
internal sealed class MemoryReader
{
    private readonly ulong[][] parts;

    /// <param name="bytes">Size of the buffer, larger than the last-level cache.</param>
    /// <param name="threads">How many threads read a part of it each.</param>
    public MemoryReader(long bytes, int threads)
    {
        parts = [.. Enumerable.Range(0, threads).Select(_ => new ulong[Math.Max(bytes / threads / sizeof(ulong), 4096)])];
        // Pages that were never written are all one page of zeros.
        foreach (var part in parts)
            Array.Fill(part, 1UL);
    }

    /// <summary>Bytes a second, the median of several passes.</summary>
    public double BytesPerSecond(int passes)
    {
        var total = parts.Sum(part => (double)part.Length * sizeof(ulong));
        Read();
        var rates = new double[passes];
        for (var pass = 0; pass < passes; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            Read();
            rates[pass] = total / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return InterleavedTiming.Median(rates);
    }

    /// <summary>Reads everything once.</summary>
    public void Read()
    {
        if (parts.Length == 1)
            Sum(parts[0]);
        else
            Parallel.ForEach(parts, new ParallelOptions { MaxDegreeOfParallelism = parts.Length }, part => Sum(part));
    }

    /// <summary>Four sums, for one would wait for itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static ulong Sum(ulong[] part)
    {
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(part);
        Vector<ulong> a = default, b = default, c = default, d = default;
        for (var i = 0; i + 3 < vectors.Length; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }

        return Vector.Sum(a + b + c + d);
    }
}
