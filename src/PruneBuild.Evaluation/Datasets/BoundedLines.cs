namespace PruneBuild.Evaluation.Datasets;

/// <summary>Reads lines of bytes, one at a time, none longer than a limit: a file with one endless line does not fill the memory.</summary>
/// <param name="stream">The file.</param>
/// <param name="maxBytes">Bytes of a line that are kept.</param>
internal sealed class BoundedLines(Stream stream, int maxBytes)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly byte[] _chunk = new byte[64 * 1024];
    private byte[] _line = new byte[4096];
    private int _start;
    private int _end;
    private int _kept;

    /// <summary>1-based number of the current line.</summary>
    public int Number { get; private set; }

    /// <summary>Bytes of the current line without its end, also those that were not kept.</summary>
    public long Length { get; private set; }

    /// <summary>Whether the line is longer than the limit.</summary>
    public bool IsTooLong => Length > maxBytes;

    /// <summary>The current line without its end and without a byte order mark; at most the limit. Valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Goes to the next line; false after the last.</summary>
    public bool Read()
    {
        (_kept, Length) = (0, 0);
        while (true)
        {
            if (_start == _end && !Fill()) return Length > 0 && Finish();
            var rest = _chunk.AsSpan(_start.._end);
            var newLine = rest.IndexOf((byte)'\n');
            var part = newLine < 0 ? rest : rest[..newLine];
            Keep(part);
            _start += part.Length;
            if (newLine < 0) continue;
            _start++;
            return Finish();
        }
    }

    private bool Fill()
    {
        (_start, _end) = (0, stream.Read(_chunk));
        return _end > 0;
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        Length += part.Length;
        part = part[..Math.Min(part.Length, maxBytes - _kept)];
        if (_kept + part.Length > _line.Length) Array.Resize(ref _line, (int)Math.Min(maxBytes, Math.Max(_line.Length * 2L, _kept + part.Length)));
        part.CopyTo(_line.AsSpan(_kept));
        _kept += part.Length;
    }

    private bool Finish()
    {
        Number++;
        var line = _line.AsMemory(0, _kept);
        if (line.Span is [.., (byte)'\r']) line = line[..^1];
        if (Number == 1 && line.Span.StartsWith(ByteOrderMark)) line = line[ByteOrderMark.Length..];
        Line = line;
        return true;
    }
}
