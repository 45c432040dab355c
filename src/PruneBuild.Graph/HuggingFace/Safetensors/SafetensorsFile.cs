using System.Buffers.Binary;
using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>A safetensors file: its tensors stay on disk, memory-mapped, until they are read.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int SliceElements = 1 << 20;

    private readonly FileStream stream;
    private readonly long dataStart;

    private SafetensorsFile(FileStream stream, long dataStart, IReadOnlyDictionary<string, SafetensorsTensor> tensors) =>
        (this.stream, this.dataStart, Tensors) = (stream, dataStart, tensors);

    /// <summary>The file.</summary>
    public string Path => stream.Name;

    /// <summary>Its tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="PruneBuildException">PB2013: it cannot be read. PB2021: it is damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        var opened = OpenStream(path);
        try
        {
            var header = ReadHeader(opened);
            var start = SafetensorsHeader.LengthBytes + header.Length;
            return new SafetensorsFile(opened, start, SafetensorsHeader.Parse(header, opened.Length - start));
        }
        catch (Exception exception)
        {
            opened.Dispose();
            if (exception is InvalidDataException)
                throw new PruneBuildException(Diagnostic.Create("PB2021", Severity.Error, path, exception.Message).At(path), exception);
            throw;
        }
    }

    /// <summary>Reads elements of a tensor as float.</summary>
    /// <param name="tensor">Of <see cref="Tensors"/>.</param>
    /// <param name="first">The first element, row-major.</param>
    /// <param name="destination">As many as are read.</param>
    /// <exception cref="PruneBuildException">
    /// PB2029: its elements are of another type. PB2010: one of them is NaN or infinite. PB2021: the file was cut short since it was opened.
    /// </exception>
    public void Read(SafetensorsTensor tensor, long first, Span<float> destination)
    {
        if (!SafetensorsTypes.IsFloat(tensor.Type))
            throw new PruneBuildException("PB2029", tensor.Name, tensor.Type).At(Path);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, tensor.Elements - destination.Length);
        // Reading a mapped page beyond the file's end would kill the process.
        if (stream.Length < dataStart + tensor.Offset + tensor.Bytes)
            throw new PruneBuildException("PB2021", Path, "it was cut short while it was read").At(Path);
        var width = SafetensorsTypes.BytesOf(tensor.Type);
        using var view = new TensorView(stream, dataStart + tensor.Offset, tensor.Bytes);
        for (var start = 0; start < destination.Length; start += SliceElements)
        {
            var part = destination.Slice(start, Math.Min(SliceElements, destination.Length - start));
            SafetensorsTypes.ToSingles(tensor.Type, view.Slice((first + start) * width, part.Length * width), part);
            for (var index = 0; index < part.Length; index++)
                if (!float.IsFinite(part[index]))
                    throw new PruneBuildException("PB2010", tensor.Name, first + start + index).At(Path);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static byte[] ReadHeader(FileStream stream)
    {
        Span<byte> length = stackalloc byte[SafetensorsHeader.LengthBytes];
        if (stream.Length < length.Length)
            throw new InvalidDataException($"it has {stream.Length} bytes, too few for a header");
        stream.ReadExactly(length);
        var declared = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (declared > SafetensorsHeader.MostBytes)
            throw new InvalidDataException($"its header is said to have {declared} bytes, more than {SafetensorsHeader.MostBytes}");
        if ((long)declared > stream.Length - length.Length)
            throw new InvalidDataException($"its header is said to have {declared} bytes, the file has {stream.Length - length.Length} after the length");
        var header = new byte[(int)declared];
        stream.ReadExactly(header);
        return header;
    }

    private static FileStream OpenStream(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB2013", path, exception.Message).At(path);
        }
    }
}
