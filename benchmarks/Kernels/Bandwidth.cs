using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PruneBuild.Benchmarks.Kernels;

/// <summary>Read bandwidth of main memory: the median of several passes over a buffer that no cache holds.</summary>
internal static unsafe class Bandwidth
{
    private const long Bytes = 1L << 30;
    private const int Passes = 9;

    /// <summary>Bytes a second that so many threads read together.</summary>
    public static double Measure(int threads)
    {
        var buffer = (byte*)System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)Bytes, 64);
        try
        {
            for (long page = 0; page < Bytes; page += 4096)
                buffer[page] = 1;
            var share = Bytes / threads / 4096 * 4096;
            var rates = new double[Passes];
            for (var pass = 0; pass < Passes; pass++)
            {
                var sums = new long[threads];
                var start = Stopwatch.GetTimestamp();
                var workers = Enumerable.Range(0, threads).Select(i => new Thread(() => sums[i] = Read(buffer + i * share, share))).ToArray();
                foreach (var worker in workers)
                    worker.Start();
                foreach (var worker in workers)
                    worker.Join();
                rates[pass] = share * threads / Stopwatch.GetElapsedTime(start).TotalSeconds;
                GC.KeepAlive(sums);
            }

            return rates.Order().ElementAt(Passes / 2);
        }
        finally
        {
            System.Runtime.InteropServices.NativeMemory.AlignedFree(buffer);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Read(byte* buffer, long bytes)
    {
        Vector256<long> a = default, b = default, c = default, d = default;
        for (long i = 0; i < bytes; i += 128)
        {
            a += Vector256.Load((long*)(buffer + i));
            b += Vector256.Load((long*)(buffer + i + 32));
            c += Vector256.Load((long*)(buffer + i + 64));
            d += Vector256.Load((long*)(buffer + i + 96));
        }

        return Vector256.Sum(a + b + c + d);
    }
}
