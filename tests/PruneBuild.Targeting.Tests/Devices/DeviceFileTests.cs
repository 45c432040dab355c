using PruneBuild.Diagnostics;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class DeviceFileTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"prunebuild-device-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(path);

    private PruneBuildException Fails(string text)
    {
        File.WriteAllText(path, text);
        var failure = Assert.Throws<PruneBuildException>(() => DeviceFile.Load(path));
        Assert.Equal(("PB1022", path), (failure.Code, failure.Diagnostic.File));
        return failure;
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var device = DeviceCatalogue.Find("linux-x64");
        File.WriteAllText(path, DeviceFile.Write(device));

        Assert.Equal(DeviceFile.Write(device), DeviceFile.Write(DeviceFile.Load(path)));
    }

    [Fact]
    public void Rates_can_derive_from_a_device_of_the_catalogue()
    {
        var x64 = DeviceCatalogue.Find("linux-x64");
        var device = x64 with
        {
            Id = "half",
            SparseWeightsPerSecond = new Dictionary<string, SparseRates>(),
            DerivedSparseRates = [new DerivedRates(x64.Id, ["block8x4.int8"], 0.5, "estimated: for the test", TimesRows: 0.25)],
        };
        File.WriteAllText(path, DeviceFile.Write(device));

        var (derived, original) = (DeviceFile.Load(path).SparseWeightsPerSecond["block8x4.int8"], x64.SparseWeightsPerSecond["block8x4.int8"]);

        Assert.Equal(0.5 * original.One.At(0.8), derived.One.At(0.8), 1);
        Assert.Equal(0.25 * original.Many.At(0.8), derived.Many.At(0.8), 1);
        Assert.Equal("estimated: for the test", derived.Few.Source);
    }

    [Fact]
    public void Malformed_JSON_has_a_line_and_a_column()
    {
        var failure = Fails("{\n  \"id\": \"mine\",\n  oops\n}");

        Assert.Equal((3, 3), (failure.Diagnostic.Line, failure.Diagnostic.Column));
    }

    [Fact]
    public void An_unknown_key_is_refused() =>
        Assert.Contains("speed", Fails(DeviceFile.Write(DeviceCatalogue.Find("linux-x64")).Replace("\"rid\"", "\"speed\": 1,\n  \"rid\"", StringComparison.Ordinal)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_key_is_refused() => Assert.Contains("rid", Fails("""{ "id": "mine" }""").Message, StringComparison.Ordinal);

    [Fact]
    public void A_figure_that_cannot_be_is_refused()
    {
        var device = DeviceCatalogue.Find("linux-x64") with { Cores = new Figure(0, "estimated: none") };

        Assert.Contains("not above 0", Fails(DeviceFile.Write(device)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_that_fall_with_sparsity_are_refused()
    {
        var falling = new RateCurve([new(0.5, 2), new(0.9, 1)], "estimated: for the test");
        var device = DeviceCatalogue.Find("linux-x64") with
        {
            SparseWeightsPerSecond = new Dictionary<string, SparseRates> { ["block8x4.int8"] = new(falling, falling, falling) },
        };

        Assert.Contains("must rise", Fails(DeviceFile.Write(device)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_does_not_exist_is_refused() =>
        Assert.Equal("PB1022", Assert.Throws<PruneBuildException>(() => DeviceFile.Load(path)).Code);
}
