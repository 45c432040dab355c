using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace PruneBuild.Graph;

/// <summary>A tensor's raw bytes while it is open: a memory-mapped file range, or an array. Dispose it to give the pages back.</summary>
public sealed unsafe class TensorView : IDisposable
{
    private readonly MemoryMappedViewAccessor? accessor;
    private readonly MemoryMappedFile? file;
    private readonly byte[]? array;
    private byte* pointer;

    internal TensorView(byte[] array) => (this.array, Length) = (array, array.Length);

    internal TensorView(FileStream stream, long offset, long length)
    {
        Length = length;
        if (length == 0)
        {
            array = [];
            return;
        }
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        accessor = file.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        pointer = start + accessor.PointerOffset;
    }

    /// <summary>Bytes in the tensor.</summary>
    public long Length { get; }

    /// <summary>The whole tensor.</summary>
    /// <exception cref="InvalidOperationException">It is larger than 2 GiB; use <see cref="Slice"/>.</exception>
    public ReadOnlySpan<byte> Bytes => Length <= int.MaxValue
        ? Slice(0, (int)Length)
        : throw new InvalidOperationException("The tensor is larger than a span; read it in slices.");

    /// <summary>A range of the tensor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the tensor.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return array is not null
            ? array.AsSpan((int)offset, length)
            : pointer is not null
                ? new ReadOnlySpan<byte>(pointer + offset, length)
                : throw new ObjectDisposedException(nameof(TensorView));
    }

    /// <summary>The whole tensor as elements of <typeparamref name="T"/>.</summary>
    public ReadOnlySpan<T> As<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (pointer is not null)
        {
            pointer = null;
            accessor!.SafeMemoryMappedViewHandle.ReleasePointer();
        }
        accessor?.Dispose();
        file?.Dispose();
    }
}
