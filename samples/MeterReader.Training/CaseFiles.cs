using MeterReader.Rendering;

namespace MeterReader.Training;

/// <summary>Writes the evaluation cases and the calibration windows: bytes [n, 32, 24, 1] and one label byte each.</summary>
internal static class CaseFiles
{
    public static void Write(string folder, IEnumerable<(Slice Slice, RenderedDigits Digits)> cases, RenderedDigits calibration)
    {
        var caseFolder = Directory.CreateDirectory(Path.Combine(folder, "cases")).FullName;
        foreach (var (slice, digits) in cases)
        {
            var name = Path.Combine(caseFolder, slice.ToString().ToLowerInvariant());
            File.WriteAllBytes(name + ".images.u8", digits.Images);
            File.WriteAllBytes(name + ".labels.u8", digits.Labels);
        }
        File.WriteAllBytes(Path.Combine(folder, "calibration.images.u8"), calibration.Images);
    }
}
