using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Calibration;

/// <summary>
/// One value of every batch, written one after the other to a file of a scratch folder and read back by batch. Small values, such
/// as shapes, stay in memory.
/// </summary>
internal sealed class ActivationSpool : IDisposable
{
    private const int InMemoryBytes = 4096;

    private readonly string path;
    private readonly List<Entry> entries = [];
    private FileStream? file;
    private long length;

    /// <param name="folder">Where the file goes once it is needed.</param>
    public ActivationSpool(string folder) => path = Path.Combine(folder, $"{Guid.NewGuid():N}.spool");

    /// <summary>Batches written.</summary>
    public int Count => entries.Count;

    /// <summary>Bytes on disk.</summary>
    public long FileBytes => length;

    /// <summary>Element type; every batch has the same.</summary>
    public TensorElementType ElementType => entries[0].Type;

    /// <summary>The shape that every batch has, with -1 where they differ; null when the number of dimensions differs.</summary>
    public long[]? CommonShape()
    {
        var common = entries[0].Shape.ToArray();
        foreach (var entry in entries)
        {
            if (entry.Shape.Length != common.Length)
                return null;
            for (var axis = 0; axis < common.Length; axis++)
                common[axis] = common[axis] == entry.Shape[axis] ? common[axis] : -1;
        }
        return common;
    }

    /// <summary>Dimensions of a batch.</summary>
    public long[] Shape(int batch) => entries[batch].Shape;

    /// <summary>Appends the next batch's tensor.</summary>
    /// <exception cref="PruneBuildException">PB6002: the scratch folder is full or not writable.</exception>
    public void Write(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var bytes = value.GetTensorMutableRawData();
        if (bytes.Length <= InMemoryBytes)
        {
            entries.Add(new Entry(info.ElementDataType, info.Shape, 0, bytes.ToArray()));
            return;
        }
        try
        {
            file ??= new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, BufferSize = 0, Options = FileOptions.DeleteOnClose,
            });
            RandomAccess.Write(file.SafeFileHandle, bytes, length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB6002", path, exception.Message);
        }
        entries.Add(new Entry(info.ElementDataType, info.Shape, length, null));
        length += bytes.Length;
    }

    /// <summary>A copy of a batch's tensor; the caller disposes it.</summary>
    public OrtValue Read(int batch)
    {
        var entry = entries[batch];
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, entry.Type, entry.Shape);
        var bytes = value.GetTensorMutableRawData();
        if (entry.Small is not null)
        {
            entry.Small.CopyTo(bytes);
            return value;
        }
        for (var position = entry.Offset; bytes.Length > 0;)
        {
            var read = RandomAccess.Read(file!.SafeFileHandle, bytes, position);
            if (read == 0)
                throw new EndOfStreamException($"'{path}' was cut short.");
            position += read;
            bytes = bytes[read..];
        }
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private sealed record Entry(TensorElementType Type, long[] Shape, long Offset, byte[]? Small);
}
