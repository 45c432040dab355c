using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PruneBuild.Runtime.Text;

/// <summary>Feeds tokens to a model and keeps its cache; every buffer is made once and bound in place. Not for several threads.</summary>
internal sealed unsafe class CachedDecoder : IDisposable
{
    /// <summary>Logits of a prompt's positions are written though only the last are wanted: this bounds their memory.</summary>
    private const int MostLogitBytes = 64 << 20;
    private const int MostChunk = 512;

    private readonly InferenceSession session;
    private readonly DecoderSignature signature;
    private readonly int context;
    private readonly int chunk;
    private readonly OrtIoBinding binding;
    private readonly KeyValueBuffers? cache;
    private readonly List<int> tokens = [];
    private readonly float[] halves;
    private long* ids;
    private long* ones;
    private long* positions;
    private byte* logits;
    private int idsRoom;
    private int onesRoom;
    private int logitsRoom;
    private int bound = -1;
    private bool isLong;
    private bool disposed;

    public CachedDecoder(InferenceSession session, DecoderSignature signature, bool inPlace, int context)
    {
        (this.session, this.signature, this.context) = (session, signature, context);
        chunk = signature.Cache.Count == 0 ? context : Math.Clamp(MostLogitBytes / RowBytes, 1, MostChunk);
        cache = signature.Cache.Count == 0 ? null : new KeyValueBuffers(signature.Cache, inPlace);
        // Only a cache in place has room for a mask that is wider than what was read.
        if (!inPlace && signature.ShortTexts is { } most)
            chunk = Math.Max(chunk, most + 1);
        halves = signature.LogitsType == TensorElementType.Float16 ? new float[signature.Vocabulary] : [];
        binding = session.CreateIoBinding();
    }

    /// <summary>Tokens that were fed.</summary>
    public IReadOnlyList<int> Tokens => tokens;

    /// <summary>Stopwatch ticks that the session took.</summary>
    public long SessionTicks { get; private set; }

    private int RowBytes => signature.Vocabulary * (signature.LogitsType == TensorElementType.Float ? sizeof(float) : sizeof(ushort));

    /// <summary>
    /// Feeds tokens, and gives the logits after the last: a buffer that the next call overwrites. Where they make a short text a long one that the
    /// model reads in another way, or the other way round, all tokens are read again.
    /// </summary>
    /// <param name="next">At least one, and no more than the context has room for.</param>
    /// <param name="run">Options by which another thread can end the run.</param>
    /// <exception cref="OnnxRuntimeException">The run failed or was ended; what was fed before its part of the tokens stays cached.</exception>
    public Span<float> Feed(ReadOnlySpan<int> next, RunOptions run)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (next.IsEmpty || tokens.Count + next.Length > context)
            throw new ArgumentException($"{next.Length} tokens do not fit behind {tokens.Count} of {context}.", nameof(next));
        if (signature.ShortTexts is { } most && tokens.Count + next.Length > most != isLong)
        {
            isLong = !isLong;
            if (tokens.Count > 0)
            {
                next = (int[])[.. tokens, .. next];
                Truncate(0);
            }
        }
        var rows = 0;
        for (var start = 0; start < next.Length; start += rows)
        {
            var part = next[start..Math.Min(next.Length, start + chunk)];
            Run(part, run);
            rows = part.Length;
        }
        var row = logits + ((long)(cache is null ? tokens.Count - 1 : rows - 1) * RowBytes);
        if (halves.Length == 0)
            return new Span<float>(row, signature.Vocabulary);
        TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(row, signature.Vocabulary), halves);
        return halves;
    }

    /// <summary>Forgets all but the first tokens.</summary>
    public void Truncate(int kept)
    {
        if (kept == tokens.Count)
            return;
        cache?.Truncate(tokens.Count, kept);
        tokens.RemoveRange(kept, tokens.Count - kept);
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        binding.Dispose();
        cache?.Dispose();
        NativeMemory.Free(ids);
        NativeMemory.Free(ones);
        NativeMemory.Free(positions);
        NativeMemory.AlignedFree(logits);
    }

    private void Run(ReadOnlySpan<int> part, RunOptions run)
    {
        // Without a cache everything is read again.
        var first = cache is null ? 0 : tokens.Count;
        var (count, total) = (tokens.Count - first + part.Length, tokens.Count + part.Length);
        var width = isLong && cache is { InPlace: true } ? Math.Max(total, signature.ShortTexts!.Value + 1) : total;
        var moved = cache?.Reserve(width, context, tokens.Count) ?? false;
        Reserve(count, width);
        for (var index = 0; index < count; index++)
        {
            ids[index] = first + index < tokens.Count ? tokens[first + index] : part[first + index - tokens.Count];
            positions[index] = first + index;
        }
        new Span<long>(ones + first, count).Fill(1);
        new Span<long>(ones + total, width - total).Clear();
        Bind(count, width, moved, first);
        var start = Stopwatch.GetTimestamp();
        session.RunWithBinding(run, binding);
        SessionTicks += Stopwatch.GetTimestamp() - start;
        cache?.Advance();
        foreach (var token in part)
            tokens.Add(token);
    }

    private void Reserve(int count, int total)
    {
        if (count > idsRoom)
        {
            idsRoom = Math.Min(chunk, Math.Max(count, 2 * idsRoom));
            ids = (long*)NativeMemory.Realloc(ids, (nuint)idsRoom * sizeof(long));
            positions = (long*)NativeMemory.Realloc(positions, (nuint)idsRoom * sizeof(long));
            bound = -1;
        }
        if (total > onesRoom)
        {
            onesRoom = (int)Math.Min(context, Math.Max(total, 2L * onesRoom));
            ones = (long*)NativeMemory.Realloc(ones, (nuint)onesRoom * sizeof(long));
            new Span<long>(ones, onesRoom).Fill(1);
        }
        if (count > logitsRoom)
        {
            logitsRoom = Math.Min(chunk, Math.Max(count, 2 * logitsRoom));
            NativeMemory.AlignedFree(logits);
            logits = (byte*)NativeMemory.AlignedAlloc((nuint)logitsRoom * (nuint)RowBytes, 64);
            bound = -1;
        }
    }

    private void Bind(int count, int total, bool moved, int cached)
    {
        if (signature.Mask is { } mask)
            BindInput(mask, ones, total);
        if (count != bound)
        {
            BindInput(signature.Ids, ids, count);
            if (signature.Positions is { } name)
                BindInput(name, positions, count);
            using var output = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, signature.LogitsType, [1, count, signature.Vocabulary], (nint)logits, (long)count * RowBytes);
            binding.BindOutput(signature.Logits, output);
            bound = count;
        }
        if (cache is { } buffers && (moved || !buffers.InPlace))
            buffers.Bind(binding, cached, count);
    }

    private void BindInput(string name, long* data, int count)
    {
        using var value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, TensorElementType.Int64, [1, count], (nint)data, (long)count * sizeof(long));
        binding.BindInput(name, value);
    }
}
