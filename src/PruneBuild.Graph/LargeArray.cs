using System.Runtime.CompilerServices;

namespace PruneBuild.Graph;

/// <summary>Arrays for the copies of weights.</summary>
internal static class LargeArray
{
    private const long CollectFromBytes = 1 << 26;

    /// <summary>An array whose elements the caller overwrites.</summary>
    public static T[] Allocate<T>(long count) where T : unmanaged
    {
        // Left alone, the collector lets the copies of one large weight pile up behind those of the next: twice the memory.
        // At this size a collection is cheap beside the read that follows.
        if (count * Unsafe.SizeOf<T>() >= CollectFromBytes)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        return count > Array.MaxLength ? throw new InvalidOperationException("The weight has more elements than an array holds.")
            : GC.AllocateUninitializedArray<T>((int)count);
    }
}
