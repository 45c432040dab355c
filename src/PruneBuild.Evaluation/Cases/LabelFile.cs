using System.Buffers.Binary;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>A file of labels: one byte a case, or a little-endian int32 a case when its name ends in <c>.i32</c>.</summary>
internal static class LabelFile
{
    /// <exception cref="PruneBuildException">PB1030 when missing, PB1033 when its size does not fit, PB1031 for a label out of range.</exception>
    public static int[] Read(string path, string nameInHarness, int classes, SourceLocation namedAt)
    {
        if (!File.Exists(path)) throw namedAt.Error("PB1030", nameInHarness);
        var bytes = File.ReadAllBytes(path);
        var size = path.EndsWith(".i32", StringComparison.OrdinalIgnoreCase) ? sizeof(int) : sizeof(byte);
        var labels = new int[(bytes.Length + size - 1) / size];
        if (labels.Length * size != bytes.Length) throw namedAt.Error("PB1033", nameInHarness, bytes.Length, labels.Length, size);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = size == 1 ? bytes[i] : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i * size));
            if (labels[i] < 0 || labels[i] >= classes)
                throw namedAt.Error("PB1031", $"{labels[i]} of case {i} in '{nameInHarness}'", classes - 1);
        }
        return labels;
    }
}
