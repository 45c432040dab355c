using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>
/// An initializer whose bytes stay where they are (model file, external data file, spool) until they are read. Those of an import are
/// made when the model is saved, and can only be saved.
/// </summary>
public sealed class WeightTensor
{
    private const int SliceElements = 1 << 20;

    private readonly FileStream? file;
    private readonly long offset;
    private readonly byte[]? array;
    private readonly Action<Stream>? make;

    internal WeightTensor(TensorProto header, byte[] array) => (Header, this.array, Bytes) = (header, array, array.Length);

    internal WeightTensor(TensorProto header, FileStream file, long offset, long length) =>
        (Header, this.file, this.offset, Bytes) = (header, file, offset, length);

    internal WeightTensor(TensorProto header, long bytes, Action<Stream> make) => (Header, Bytes, this.make) = (header, bytes, make);

    /// <summary>The tensor message without its payload: name, type, dims and whatever else the file said.</summary>
    internal TensorProto Header { get; }

    /// <summary>The value name nodes refer to.</summary>
    public string Name => Header.Name;

    /// <summary>Element type.</summary>
    public TensorProto.Types.DataType Type => (TensorProto.Types.DataType)Header.DataType;

    /// <summary>Dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => Header.Dims;

    /// <summary>Raw size in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Number of elements.</summary>
    public long Elements => Header.Dims.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Two weights with the same place are one payload under two names.</summary>
    internal object Place => (object?)array ?? (object?)make ?? (file!, offset, Bytes);

    /// <summary>Opens the payload for reading; memory-mapped when it lies in a file.</summary>
    /// <exception cref="PruneBuildException">PB2006: the file was cut short since the model was opened.</exception>
    public TensorView Open()
    {
        if (array is not null)
            return new TensorView(array);
        ThrowIfOutline();
        // Reading a mapped page beyond the file's end would kill the process.
        if (RandomAccess.GetLength(file!.SafeFileHandle) < offset + Bytes)
            throw CutShort();
        return new TensorView(file, offset, Bytes);
    }

    /// <summary>A copy of the values.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not float.</exception>
    public float[] ReadSingles() => Type == TensorProto.Types.DataType.Float
        ? Read<float>()
        : throw new InvalidOperationException($"'{Name}' is {Type}, not Float.");

    /// <summary>A copy of the raw elements.</summary>
    /// <exception cref="PruneBuildException">PB2006: the file was cut short since the model was opened.</exception>
    public T[] Read<T>() where T : unmanaged
    {
        var values = LargeArray.Allocate<T>(Bytes / Unsafe.SizeOf<T>());
        for (var start = 0; start < values.Length; start += SliceElements)
            Fill((long)start * Unsafe.SizeOf<T>(), values.AsSpan(start, Math.Min(SliceElements, values.Length - start)));
        return values;
    }

    /// <summary>Reads elements from a byte position on, without mapping the file: only the destination takes memory.</summary>
    internal void Fill<T>(long position, Span<T> destination) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(destination);
        if (array is not null)
        {
            array.AsSpan((int)position, bytes.Length).CopyTo(bytes);
            return;
        }
        ThrowIfOutline();
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(file!.SafeFileHandle, bytes, offset + position);
            if (read == 0)
                throw CutShort();
            bytes = bytes[read..];
            position += read;
        }
    }

    /// <summary>Streams the payload.</summary>
    internal void CopyTo(Stream destination)
    {
        if (make is not null)
        {
            make(destination);
            return;
        }
        var slice = new byte[Math.Min(SliceElements, Bytes)];
        for (long position = 0; position < Bytes; position += slice.Length)
        {
            var part = slice.AsSpan(0, (int)Math.Min(slice.Length, Bytes - position));
            Fill(position, part);
            destination.Write(part);
        }
    }

    /// <summary>Index of the first NaN or infinity of a float tensor, or -1.</summary>
    public long FirstNonFinite()
    {
        if (Type != TensorProto.Types.DataType.Float)
            return -1;
        var slice = new float[Math.Min(SliceElements, Elements)];
        for (long start = 0; start < Elements; start += slice.Length)
        {
            var part = slice.AsSpan(0, (int)Math.Min(slice.Length, Elements - start));
            Fill(start * sizeof(float), part);
            for (var i = 0; i < part.Length; i++)
                if (!float.IsFinite(part[i]))
                    return start + i;
        }
        return -1;
    }

    /// <summary>Closes the file that holds the payload.</summary>
    internal void Close() => file?.Dispose();

    private void ThrowIfOutline()
    {
        if (make is not null)
            throw new InvalidOperationException($"'{Name}' is made when it is saved and cannot be read.");
    }

    private PruneBuildException CutShort() => new(
        "PB2006", Name, offset, offset + Bytes, file!.Name, RandomAccess.GetLength(file.SafeFileHandle));
}
