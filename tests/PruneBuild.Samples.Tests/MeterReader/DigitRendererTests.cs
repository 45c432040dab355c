using System.Security.Cryptography;
using MeterReader.Rendering;

namespace PruneBuild.Samples.Tests.MeterReader;

public sealed class DigitRendererTests
{
    public static TheoryData<Slice> Slices => [.. Enum.GetValues<Slice>()];

    public static TheoryData<int> Fonts => [.. Enumerable.Range(0, DigitFont.All.Count)];

    [Theory]
    [MemberData(nameof(Slices))]
    public void The_same_seed_gives_the_same_bytes(Slice slice)
    {
        for (var index = 0; index < 50; index++)
        {
            var seed = SplitMix64.SeedOf(5, index);
            Assert.Equal(DigitRenderer.Render(SceneSampler.Sample(slice, seed)), DigitRenderer.Render(SceneSampler.Sample(slice, seed)));
        }
    }

    [Fact]
    public void Every_platform_renders_the_same_bytes()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var slice in Enum.GetValues<Slice>())
        {
            for (var index = 0; index < 200; index++)
                hash.AppendData(DigitRenderer.Render(SceneSampler.Sample(slice, SplitMix64.SeedOf(6, index))));
        }
        Assert.Equal("F93B3D12723CD3F2984E345A09462E410B7C9B82C31E181F8BDA5E4C4D5A36C8", Convert.ToHexString(hash.GetHashAndReset()));
    }

    [Theory]
    [MemberData(nameof(Fonts))]
    public void Each_font_draws_ten_different_digits(int font)
    {
        var windows = Enumerable.Range(0, 10).Select(digit => DigitRenderer.Render(Scenes.Plain(DigitFont.All[font], digit))).ToArray();
        for (var first = 0; first < 10; first++)
        {
            for (var second = first + 1; second < 10; second++)
            {
                var unlike = windows[first].Zip(windows[second]).Count(pair => Math.Abs(pair.First - pair.Second) > 128);
                Assert.True(unlike >= 8, $"{first} and {second} differ in {unlike} pixels");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fonts))]
    public void Swapping_ink_and_paper_inverts_the_window(int font)
    {
        var scene = Scenes.Plain(DigitFont.All[font], 5);
        var inverted = scene with { Tone = scene.Tone with { Paper = 1 - scene.Tone.Paper, Ink = 1 - scene.Tone.Ink } };
        foreach (var (pixel, opposite) in DigitRenderer.Render(scene).Zip(DigitRenderer.Render(inverted)))
            Assert.InRange(pixel + opposite, 254, 256);
    }

    [Theory]
    [MemberData(nameof(Fonts))]
    public void The_digit_lies_inside_the_window(int font)
    {
        var window = DigitRenderer.Render(Scenes.Plain(DigitFont.All[font], 8));
        for (var row = 0; row < DigitRenderer.Height; row++)
        {
            Assert.True(window[row * DigitRenderer.Width] > 200);
            Assert.True(window[row * DigitRenderer.Width + DigitRenderer.Width - 1] > 200);
        }
    }
}
