using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// The numbers that a model gave, a row for each thing it was asked: logits of a classifier, the number of a regression, the vector of an
/// embedding, the log-likelihood in nats of every scored token. Nothing in it depends on what is right.
/// </summary>
public sealed class ModelOutputs
{
    private const int Magic = 0x314F4250;

    private readonly float[] _numbers;
    private readonly long[] _starts;

    /// <param name="rows">The numbers of each row.</param>
    public ModelOutputs(IReadOnlyList<float[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        _starts = new long[rows.Count + 1];
        for (var i = 0; i < rows.Count; i++) _starts[i + 1] = _starts[i] + rows[i].Length;
        _numbers = new float[_starts[^1]];
        for (var i = 0; i < rows.Count; i++) rows[i].CopyTo(_numbers, _starts[i]);
    }

    private ModelOutputs(float[] numbers, long[] starts) => (_numbers, _starts) = (numbers, starts);

    /// <summary>Number of rows.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>The numbers of a row.</summary>
    public ReadOnlySpan<float> this[int row] => _numbers.AsSpan((int)_starts[row], (int)(_starts[row + 1] - _starts[row]));

    /// <summary>Keeps the outputs for a later build. The file is replaced as a whole.</summary>
    public void Save(string path)
    {
        var lengths = new int[Count];
        for (var i = 0; i < Count; i++) lengths[i] = (int)(_starts[i + 1] - _starts[i]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var unfinished = $"{path}.tmp";
        using (var stream = File.Create(unfinished))
        {
            void Write<T>(T[] values)
                where T : unmanaged
            {
                var bytes = MemoryMarshal.AsBytes(values.AsSpan());
                hash.AppendData(bytes);
                stream.Write(bytes);
            }

            Write([Magic, Count]);
            Write(lengths);
            Write(_numbers);
            stream.Write(hash.GetHashAndReset());
        }
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Outputs that were saved; null when the file is missing or damaged.</summary>
    public static ModelOutputs? Load(string path)
    {
        if (!File.Exists(path)) return null;
        using var stream = File.OpenRead(path);
        var header = new int[2];
        if (stream.Length < sizeof(int) * header.Length + SHA256.HashSizeInBytes) return null;
        Read(stream, header);
        var left = stream.Length - sizeof(int) * header.Length - SHA256.HashSizeInBytes;
        if (header[0] != Magic || header[1] < 0 || (long)header[1] * sizeof(int) > left) return null;
        var lengths = new int[header[1]];
        Read(stream, lengths);
        var starts = new long[lengths.Length + 1];
        for (var i = 0; i < lengths.Length; i++) starts[i + 1] = starts[i] + Math.Max(0, lengths[i]);
        if (starts[^1] * sizeof(float) != left - (long)lengths.Length * sizeof(int)) return null;
        var numbers = new float[starts[^1]];
        Read(stream, numbers);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(header.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(lengths.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(numbers.AsSpan()));
        var stored = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(stored);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(stored) ? new ModelOutputs(numbers, starts) : null;
    }

    private static void Read<T>(FileStream stream, T[] values)
        where T : unmanaged => stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
}
