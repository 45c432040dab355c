using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Looks for cases of the harness among what recovery learns from, by what the model sees of them.</summary>
internal static class DisjointCases
{
    private const int BatchSize = 64;

    /// <exception cref="Diagnostics.PruneBuildException">PB1037 at the calibration data: a case is in it. PB1033: the file holds no whole samples.</exception>
    public static void Require(CalibrationData data, CaseSet cases)
    {
        // Cases that are not tensors cannot be among them; the set gives no batches of those.
        if (data is not TensorCalibration calibration)
            return;
        var learned = new HashSet<UInt128>();
        var file = RawTensorFile.Open(calibration.File, calibration.Input, calibration.At);
        foreach (var row in file.Read(BatchSize).SelectMany(batch => Rows(batch.Data, batch.Count)).Take(calibration.Samples))
            learned.Add(row);
        var (shared, example) = (0, -1);
        foreach (var batch in cases.Batches(BatchSize))
        {
            var index = batch.Input.First;
            foreach (var row in Rows(batch.Input.Data, batch.Input.Count))
            {
                if (learned.Contains(row))
                    (shared, example) = (shared + 1, example < 0 ? index : example);
                index++;
            }
        }
        if (shared > 0)
            throw calibration.At.Error("PB1037", shared, cases.Count, Path.GetFileName(calibration.File), cases.Id(example));
    }

    private static IEnumerable<UInt128> Rows(float[] data, int count)
    {
        var size = data.Length / Math.Max(1, count);
        for (var row = 0; row < count; row++)
            yield return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes(data.AsSpan(row * size, size))));
    }
}
