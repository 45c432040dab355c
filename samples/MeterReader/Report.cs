using System.Text.Json;
using PruneBuild.Runtime;

namespace MeterReader;

/// <summary>Prints the readings for people or for a comparison of devices.</summary>
internal static class Report
{
    public static void WriteText(TextWriter writer, EdgeModel model, IReadOnlyList<(Meter Meter, Reading Reading)> results)
    {
        var sizes = model.Manifest.Sizes;
        writer.WriteLine($"{model.Manifest.Name}: kernels {model.KernelTier}, {sizes.ArtifactBytes / 1024.0:F0} KiB (dense parent {sizes.ParentBytes / 1024.0:F0} KiB)");
        foreach (var (meter, reading) in results)
        {
            var judgement = meter.Expected.Length == 0 ? "" : meter.Expected == reading.Digits ? "ok" : $"expected {meter.Expected}{(meter.MustMatch ? "" : " (hard, may fail)")}";
            writer.WriteLine($"  {meter.Name,-24} {reading.Digits}  {reading.Confidence,7:P1}  {judgement}");
        }
    }

    /// <summary>Only what has to be equal on every device: no confidence, no tier.</summary>
    public static void WriteJson(Stream stream, IReadOnlyList<(Meter Meter, Reading Reading)> results)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartArray();
        foreach (var (meter, reading) in results)
        {
            json.WriteStartObject();
            json.WriteString("meter", meter.Name);
            json.WriteString("expected", meter.Expected);
            json.WriteString("reading", reading.Digits);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
