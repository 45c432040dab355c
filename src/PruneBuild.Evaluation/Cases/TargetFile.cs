using System.Buffers.Binary;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>A file of the numbers that a regression has to give: a little-endian float32 a case.</summary>
internal static class TargetFile
{
    /// <exception cref="PruneBuildException">PB1030 when missing, PB1033 when its size does not fit, PB1012 for a number that is not finite.</exception>
    public static double[] Read(string path, string nameInHarness, SourceLocation namedAt)
    {
        if (!File.Exists(path)) throw namedAt.Error("PB1030", nameInHarness);
        var bytes = File.ReadAllBytes(path);
        var targets = new double[(bytes.Length + sizeof(float) - 1) / sizeof(float)];
        if (targets.Length * sizeof(float) != bytes.Length) throw namedAt.Error("PB1033", nameInHarness, bytes.Length, targets.Length, sizeof(float));
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
            if (!double.IsFinite(targets[i])) throw namedAt.Error("PB1012", nameInHarness, "targets", $"the number of case {i} is not finite");
        }
        return targets;
    }
}
