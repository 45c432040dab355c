using MeterReader.Rendering;

namespace PruneBuild.Samples.Tests.MeterReader;

public sealed class SceneSamplerTests
{
    public static TheoryData<Slice> Slices => [.. Enum.GetValues<Slice>()];

    [Theory]
    [MemberData(nameof(Slices))]
    public void Every_digit_and_font_is_in_every_slice(Slice slice)
    {
        var scenes = Enumerable.Range(0, 1000).Select(index => SceneSampler.Sample(slice, SplitMix64.SeedOf(9, index))).ToArray();
        Assert.All(Enumerable.Range(0, 10), digit => Assert.InRange(scenes.Count(scene => scene.Label == digit), 60, 140));
        Assert.All(DigitFont.All, font => Assert.InRange(scenes.Count(scene => scene.Font == font), 140, 260));
    }

    [Theory]
    [MemberData(nameof(Slices))]
    public void A_wanted_label_is_what_the_window_shows(Slice slice)
    {
        for (var index = 0; index < 500; index++)
        {
            var scene = SceneSampler.Sample(slice, DigitFont.All[index % 5], index % 10, new SplitMix64(SplitMix64.SeedOf(10, index)));
            Assert.Equal(index % 10, scene.Label);
        }
    }

    [Fact]
    public void Only_the_hard_slices_have_dirt_glare_and_confusing_strokes()
    {
        var scenes = Enumerable.Range(0, 300).ToLookup(index => Enum.GetValues<Slice>()[index % 3], index => SceneSampler.Sample(Enum.GetValues<Slice>()[index % 3], SplitMix64.SeedOf(11, index)));
        Assert.All(scenes[Slice.Common], scene => Assert.Empty(scene.Spots));
        Assert.All(scenes[Slice.Common], scene => Assert.Empty(scene.Bands));
        Assert.All(scenes[Slice.Edge], scene => Assert.Empty(scene.StrayStrokes));
        Assert.Contains(scenes[Slice.Edge], scene => scene.Spots.Count > 0);
        Assert.Contains(scenes[Slice.Edge], scene => scene.Bands.Count > 0);
        Assert.Contains(scenes[Slice.Adversarial], scene => scene.StrayStrokes.Count > 0);
    }
}
