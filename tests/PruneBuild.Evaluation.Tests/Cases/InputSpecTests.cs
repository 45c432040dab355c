using CsCheck;

namespace PruneBuild.Evaluation.Tests.Cases;

public class InputSpecTests
{
    [Fact]
    public void Interleaved_channels_become_planes_normalised_one_by_one()
    {
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int[0, int.MaxValue]).Sample((height, width, channels, seed) =>
        {
            var random = new Random(seed);
            var mean = Enumerable.Range(0, channels).Select(_ => random.NextDouble()).ToArray();
            var std = Enumerable.Range(0, channels).Select(_ => random.NextDouble() + 0.1).ToArray();
            var spec = Parse($$"""
                { "elementType": "uint8", "shape": [{{height}}, {{width}}, {{channels}}], "layout": "NHWC", "scale": 0.25,
                  "mean": [{{List(mean)}}], "std": [{{List(std)}}] }
                """);
            var stored = new byte[height * width * channels];
            random.NextBytes(stored);
            var actual = new float[stored.Length];

            spec.Normalize(stored, actual);

            for (var h = 0; h < height; h++)
            {
                for (var w = 0; w < width; w++)
                {
                    for (var c = 0; c < channels; c++)
                    {
                        var expected = (stored[(h * width + w) * channels + c] * 0.25 - mean[c]) / std[c];
                        Assert.Equal((float)expected, actual[(c * height + h) * width + w]);
                    }
                }
            }
            Assert.Equal([7, channels, height, width], spec.BatchShape(7));
        });
    }

    [Fact]
    public void Planes_stay_planes()
    {
        var spec = Parse("""{ "elementType": "uint8", "shape": [2, 1, 2], "layout": "NCHW", "mean": [1, 10], "std": [1, 10] }""");
        var actual = new float[4];
        spec.Normalize((byte[])[1, 2, 10, 20], actual);
        Assert.Equal([0f, 1, 0, 1], actual);
        Assert.Equal([3, 2, 1, 2], spec.BatchShape(3));
    }

    [Fact]
    public void Little_endian_floats_are_read()
    {
        var spec = Parse("""{ "elementType": "float32", "shape": [2], "layout": "none", "scale": 2, "mean": [1] }""");
        var actual = new float[2];
        spec.Normalize([.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-3f)], actual);
        Assert.Equal([2f, -7], actual);
        Assert.Equal(8, spec.BytesPerCase);
    }

    [Fact]
    public void A_raw_file_is_read_in_batches()
    {
        using var folder = new TemporaryFolder();
        var spec = Parse("""{ "elementType": "uint8", "shape": [2], "layout": "none" }""");
        var file = RawTensorFile.Open(folder.Write("calibration.u8", [1, 2, 3, 4, 5, 6]), spec, default);

        var batches = file.Read(2).ToList();

        Assert.Equal(3, file.Count);
        Assert.Equal([[1f, 2, 3, 4], [5f, 6]], batches.Select(batch => batch.Data));
        Assert.Equal([(0, 2), (2, 1)], batches.Select(batch => (batch.First, batch.Count)));
    }

    [Fact]
    public void A_raw_file_with_half_a_case_is_refused()
    {
        using var folder = new TemporaryFolder();
        var spec = Parse("""{ "elementType": "float32", "shape": [2], "layout": "none" }""");
        var path = folder.Write("calibration.f32", new byte[12]);
        var diagnostic = HarnessFiles.Fails("PB1033", () => RawTensorFile.Open(path, spec, new SourceLocation("recipe.json", 2, 3)));
        Assert.Equal(("recipe.json", 2, 3), (diagnostic.File, diagnostic.Line, diagnostic.Column));
        HarnessFiles.Fails("PB1030", () => RawTensorFile.Open(path + ".absent", spec, default));
    }

    private static InputSpec Parse(string json) => InputSpec.Parse(LocatedJson.Parse(json, "spec.json"), "spec.json");

    private static string List(double[] values) => string.Join(", ", values.Select(value => value.ToString("R")));
}
