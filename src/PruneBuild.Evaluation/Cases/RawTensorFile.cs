using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>A file of equally large cases, one after the other, without a header. Read in batches, never as a whole.</summary>
public sealed class RawTensorFile
{
    private readonly InputSpec _spec;

    private RawTensorFile(string path, InputSpec spec, int count) => (Path, _spec, Count) = (path, spec, count);

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Cases in the file.</summary>
    public int Count { get; }

    /// <summary>Checks that the file is there and holds whole cases.</summary>
    /// <param name="path">The file.</param>
    /// <param name="spec">What one case looks like.</param>
    /// <param name="namedAt">The token that names the file, for messages.</param>
    /// <param name="expectedCases">How many cases it has to hold; null for any number of whole ones.</param>
    /// <param name="name">The file as the user wrote it, for messages; null for the path.</param>
    /// <exception cref="PruneBuildException">PB1030 when missing, PB1033 when the size does not fit.</exception>
    public static RawTensorFile Open(string path, InputSpec spec, SourceLocation namedAt, int? expectedCases = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var file = new FileInfo(path);
        if (!file.Exists) throw namedAt.Error("PB1030", name ?? path);
        var cases = expectedCases ?? (file.Length + spec.BytesPerCase - 1) / spec.BytesPerCase;
        if (file.Length != cases * spec.BytesPerCase || cases > int.MaxValue)
            throw namedAt.Error("PB1033", name ?? path, file.Length, cases, spec.BytesPerCase);
        return new RawTensorFile(path, spec, (int)cases);
    }

    /// <summary>The cases, in file order. <see cref="InputBatch.First"/> counts from the start of the file.</summary>
    /// <param name="batchSize">Cases a batch; the last may be smaller.</param>
    public IEnumerable<InputBatch> Read(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Batches();

        IEnumerable<InputBatch> Batches()
        {
            using var stream = File.OpenRead(Path);
            var stored = new byte[_spec.BytesPerCase];
            for (var first = 0; first < Count; first += batchSize)
            {
                var count = Math.Min(batchSize, Count - first);
                var data = new float[count * _spec.ElementsPerCase];
                for (var i = 0; i < count; i++)
                {
                    stream.ReadExactly(stored);
                    _spec.Normalize(stored, data.AsSpan(i * _spec.ElementsPerCase, _spec.ElementsPerCase));
                }
                yield return new InputBatch(data, _spec.BatchShape(count), first, count);
            }
        }
    }
}
