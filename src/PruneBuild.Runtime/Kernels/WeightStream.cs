using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>
/// Asks for weights that a loop over one row will read soon. Decode streams weights from memory once, and CPUs stop their own
/// prefetching at every 4 KB page. On Zen 1 half a kilobyte ahead suited most formats and 1 KB some, by little; 4 KB was worse.
/// </summary>
internal static unsafe class WeightStream
{
    private const int Distance = 512;
    private const int CacheLine = 64;

    /// <summary>Prefetches what lies <see cref="Distance"/> behind the next bytes; asking beyond the blob is harmless.</summary>
    /// <param name="next">What the loop reads now.</param>
    /// <param name="bytes">What one step of the loop reads, a constant, 256 at most.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* next, int bytes)
    {
        if (!Sse.IsSupported)
            return;
        var line = (byte*)next + Distance;
        Sse.Prefetch0(line);
        if (bytes > CacheLine)
            Sse.Prefetch0(line + CacheLine);
        if (bytes > 2 * CacheLine)
            Sse.Prefetch0(line + 2 * CacheLine);
        if (bytes > 3 * CacheLine)
            Sse.Prefetch0(line + 3 * CacheLine);
    }
}
