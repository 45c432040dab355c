using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// The memory of a key-value cache. Where the model appends in place, past and present are one buffer of the full capacity; elsewhere there
/// are two, of which one is read and the other written, in turn.
/// </summary>
internal sealed unsafe class KeyValueBuffers : IDisposable
{
    private const int Step = 256;
    private const nuint Alignment = 64;

    private readonly IReadOnlyList<CachedTensor> tensors;
    private readonly bool inPlace;
    private nint[] current;
    private nint[] other;

    public KeyValueBuffers(IReadOnlyList<CachedTensor> tensors, bool inPlace)
    {
        (this.tensors, this.inPlace) = (tensors, inPlace);
        (current, other) = (new nint[tensors.Count], new nint[tensors.Count]);
    }

    /// <summary>Whether past and present are one buffer, which is bound once for all runs.</summary>
    public bool InPlace => inPlace;

    /// <summary>Positions there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>Makes room, at least doubling it, and keeps what is cached.</summary>
    /// <param name="positions">Room that is needed.</param>
    /// <param name="most">Room that never is exceeded.</param>
    /// <param name="cached">Positions to keep.</param>
    /// <returns>Whether the buffers are others than before.</returns>
    public bool Reserve(int positions, int most, int cached)
    {
        if (positions <= Capacity)
            return false;
        var capacity = (int)Math.Min(most, Math.Max(2L * Capacity, (positions + Step - 1L) / Step * Step));
        for (var index = 0; index < tensors.Count; index++)
        {
            var tensor = tensors[index];
            current[index] = Grown(tensor, current[index], capacity, cached);
            if (!inPlace)
                other[index] = Grown(tensor, other[index], capacity, 0);
        }
        Capacity = capacity;
        return true;
    }

    /// <summary>Binds inputs and outputs for a run.</summary>
    /// <param name="binding">Of the session.</param>
    /// <param name="cached">Positions that are read.</param>
    /// <param name="added">Positions that are written.</param>
    public void Bind(OrtIoBinding binding, int cached, int added)
    {
        for (var index = 0; index < tensors.Count; index++)
        {
            var tensor = tensors[index];
            using var past = View(tensor, current[index], inPlace ? Capacity : cached);
            using var present = View(tensor, inPlace ? current[index] : other[index], inPlace ? Capacity : cached + added);
            binding.BindInput(tensor.Past, past);
            binding.BindOutput(tensor.Present, present);
        }
    }

    /// <summary>What was written is what is read next.</summary>
    public void Advance()
    {
        if (!inPlace)
            (current, other) = (other, current);
    }

    /// <summary>Forgets the last positions, which moves what stays where heads are stored without room between them.</summary>
    public void Truncate(int cached, int kept)
    {
        if (inPlace || kept == cached)
            return;
        for (var index = 0; index < tensors.Count; index++)
            for (var head = 1; head < tensors[index].Heads; head++)
            {
                var bytes = (nint)tensors[index].PositionBytes;
                var data = (byte*)current[index];
                Buffer.MemoryCopy(data + (head * cached * bytes), data + (head * kept * bytes), kept * bytes, kept * bytes);
            }
    }

    public void Dispose()
    {
        foreach (var buffer in current.Concat(other))
            NativeMemory.AlignedFree((void*)buffer);
        Array.Clear(current);
        Array.Clear(other);
        Capacity = 0;
    }

    private static OrtValue View(CachedTensor tensor, nint data, int positions) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, tensor.Type, [1, tensor.Heads, positions, tensor.HeadSize], data, (long)tensor.Heads * positions * tensor.PositionBytes);

    private nint Grown(CachedTensor tensor, nint before, int capacity, int cached)
    {
        var bytes = (nuint)tensor.PositionBytes;
        var total = (nuint)tensor.Heads * (nuint)capacity * bytes;
        var data = (byte*)NativeMemory.AlignedAlloc(total, Alignment);
        NativeMemory.Clear(data, total);
        // In place a head has room for the capacity, elsewhere for just what is cached.
        var (from, to) = inPlace ? ((nuint)Capacity, (nuint)capacity) : ((nuint)cached, (nuint)cached);
        for (nuint head = 0; cached > 0 && head < (nuint)tensor.Heads; head++)
            NativeMemory.Copy((byte*)before + (head * from * bytes), data + (head * to * bytes), (nuint)cached * bytes);
        NativeMemory.AlignedFree((void*)before);
        return (nint)data;
    }
}
