namespace PruneBuild.Benchmarks.Harness;

/// <summary>The sample's cases repeated up to a number, each copy a little brighter, as files of a harness.</summary>
internal static class SampleCases
{
    private const int BytesPerCase = 32 * 24;

    private static readonly (string Slice, double Share)[] Slices = [("common", 0.5), ("edge", 0.3), ("adversarial", 0.2)];

    public static void Write(string sample, string folder, int count)
    {
        foreach (var (slice, share) in Slices)
        {
            var images = File.ReadAllBytes(Path.Combine(sample, "eval", "cases", $"{slice}.images.u8"));
            var labels = File.ReadAllBytes(Path.Combine(sample, "eval", "cases", $"{slice}.labels.u8"));
            var cases = (int)Math.Round(count * share);
            var (manyImages, manyLabels) = (new byte[cases * BytesPerCase], new byte[cases]);
            for (var i = 0; i < cases; i++)
            {
                var (source, copy) = (i % labels.Length, i / labels.Length);
                manyLabels[i] = labels[source];
                for (var pixel = 0; pixel < BytesPerCase; pixel++)
                    manyImages[(i * BytesPerCase) + pixel] = (byte)Math.Min(255, images[(source * BytesPerCase) + pixel] + (2 * copy));
            }
            File.WriteAllBytes(Path.Combine(folder, $"{slice}.images.u8"), manyImages);
            File.WriteAllBytes(Path.Combine(folder, $"{slice}.labels.u8"), manyLabels);
        }
    }

    /// <summary>The harness, with a floor of every kind of evidence.</summary>
    public static void WriteHarness(string path, double least) => File.WriteAllText(path, FormattableString.Invariant($$"""
        {
          "version": 1, "task": "classification", "classes": 10,
          "input": { "name": "image", "elementType": "uint8", "shape": [32, 24, 1], "layout": "NHWC", "scale": 0.00392156862745098, "mean": [0.5], "std": [0.5] },
          "output": "logits",
          "cases": [
            { "slice": "common", "tensors": "common.images.u8", "labels": "common.labels.u8" },
            { "slice": "edge", "tensors": "edge.images.u8", "labels": "edge.labels.u8" },
            { "slice": "adversarial", "tensors": "adversarial.images.u8", "labels": "adversarial.labels.u8" }
          ],
          "dimensions": [ { "name": "calibration", "scorers": [ { "scorer": "brier", "zeroAt": 1, "oneAt": 0 } ] } ],
          "floors": [
            { "dimension": "accuracy", "slice": "*", "min": {{least}}, "maxDrop": 0.5, "sliceGap": 0.5 },
            { "dimension": "calibration", "slice": "*", "min": 0.2 },
            { "dimension": "macro-f1", "slice": "*", "min": 0.2 },
            { "metric": "log_loss", "slice": "*", "max": 10 },
            { "metric": "ece@15", "slice": "*", "max": 0.9 }
          ]
        }
        """));
}
