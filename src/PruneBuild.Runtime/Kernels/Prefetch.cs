using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PruneBuild.Runtime;

/// <summary>Asks for weights before the hardware's own prefetcher does; where there is no such instruction in .NET, nothing.</summary>
internal static unsafe class Prefetch
{
    /// <summary>How far ahead: what a core reads from memory in one latency.</summary>
    private const int Distance = 1024;

    /// <summary>Requests the line <see cref="Distance"/> behind an address, which may lie outside of any buffer: a prefetch never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(void* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((byte*)address + Distance);
    }
}
