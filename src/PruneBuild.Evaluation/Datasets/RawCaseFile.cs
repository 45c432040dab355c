using System.Buffers.Binary;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// A tensor file whose number of cases comes from its label file: the shape of a case is known only to the harness. Names that end in
/// <c>.f32</c> hold little-endian single precision, all others bytes.
/// </summary>
internal sealed class RawCaseFile
{
    private readonly RawCases _source;
    private readonly int[] _labels;
    private readonly int _bytesPerCase;

    private RawCaseFile(RawCases source, int[] labels, int bytesPerCase) => (_source, _labels, _bytesPerCase) = (source, labels, bytesPerCase);

    /// <exception cref="PruneBuildException">PB1030 missing, PB1031 a label below 0, PB1032 no label, PB1033 not a whole number of cases.</exception>
    public static RawCaseFile Open(RawCases source)
    {
        var labels = LabelFile.Read(source.LabelsPath, source.Labels, int.MaxValue, source.LabelsAt);
        if (labels.Length == 0) throw source.SliceAt.Error("PB1032", source.Slice);
        if (!File.Exists(source.TensorsPath)) throw source.TensorsAt.Error("PB1030", source.Tensors);
        var length = new FileInfo(source.TensorsPath).Length;
        var size = IsFloat(source) ? sizeof(float) : 1;
        var bytes = Math.Max(size, length / labels.Length / size * size);
        return bytes * labels.Length == length && bytes <= int.MaxValue
            ? new RawCaseFile(source, labels, (int)bytes)
            : throw source.TensorsAt.Error("PB1033", source.Tensors, length, labels.Length, bytes);
    }

    /// <summary>The cases; the arrays are reused for the next one.</summary>
    public IEnumerable<(int Index, float[] Numbers, int Label, ReadOnlyMemory<byte> Bytes)> Read()
    {
        using var stream = File.OpenRead(_source.TensorsPath);
        var isFloat = IsFloat(_source);
        var bytes = new byte[_bytesPerCase];
        var numbers = new float[isFloat ? _bytesPerCase / sizeof(float) : _bytesPerCase];
        for (var index = 0; index < _labels.Length; index++)
        {
            stream.ReadExactly(bytes);
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = isFloat ? BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float))) : bytes[i];
            yield return (index, numbers, _labels[index], bytes);
        }
    }

    private static bool IsFloat(RawCases source) => source.Tensors.EndsWith(".f32", StringComparison.OrdinalIgnoreCase);
}
