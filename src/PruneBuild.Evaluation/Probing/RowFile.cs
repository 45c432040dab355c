using System.Runtime.InteropServices;

namespace PruneBuild.Evaluation.Probing;

/// <summary>Rows of numbers in a file, read one at a time: inputs that nobody looks at must not count as memory of the model.</summary>
internal sealed class RowFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly long[] _starts;

    private RowFile(FileStream stream, long[] starts) => (_stream, _starts) = (stream, starts);

    public static void Write(string path, IReadOnlyList<float[]> rows)
    {
        using var stream = File.Create(path);
        stream.Write(MemoryMarshal.AsBytes<int>([rows.Count, .. rows.Select(row => row.Length)]));
        foreach (var row in rows) stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
    }

    public static RowFile Open(string path)
    {
        var stream = File.OpenRead(path);
        var count = new int[1];
        stream.ReadExactly(MemoryMarshal.AsBytes(count.AsSpan()));
        var lengths = new int[count[0]];
        stream.ReadExactly(MemoryMarshal.AsBytes(lengths.AsSpan()));
        var starts = new long[lengths.Length + 1];
        starts[0] = stream.Position;
        for (var i = 0; i < lengths.Length; i++) starts[i + 1] = starts[i] + ((long)lengths[i] * sizeof(float));
        return new RowFile(stream, starts);
    }

    public float[] Read(int row)
    {
        var numbers = new float[(_starts[row + 1] - _starts[row]) / sizeof(float)];
        _stream.Position = _starts[row];
        _stream.ReadExactly(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }

    public void Dispose() => _stream.Dispose();
}
