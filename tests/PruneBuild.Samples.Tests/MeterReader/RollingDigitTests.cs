using MeterReader.Rendering;

namespace PruneBuild.Samples.Tests.MeterReader;

public sealed class RollingDigitTests
{
    [Theory]
    [InlineData(3, 0.0f, 3)]
    [InlineData(3, 0.49f, 3)]
    [InlineData(3, 0.51f, 4)]
    [InlineData(9, 0.3f, 9)]
    [InlineData(9, 0.7f, 0)]
    public void The_label_is_the_digit_that_fills_more_than_half(int digit, float roll, int label) =>
        Assert.Equal(label, Scenes.Plain(DigitFont.All[0], digit, roll).Label);

    [Fact]
    public void A_quarter_turn_moves_the_leaving_digit_up_by_a_quarter_of_the_window()
    {
        var resting = DigitRenderer.Render(Scenes.Plain(DigitFont.All[0], 3));
        var rolling = DigitRenderer.Render(Scenes.Plain(DigitFont.All[0], 3, roll: 0.25f));
        AssertSameRows(resting, fromRow: 8, rolling, toRow: 0, rows: 20);
    }

    [Fact]
    public void The_next_digit_enters_from_below()
    {
        var next = DigitRenderer.Render(Scenes.Plain(DigitFont.All[0], 4));
        var rolling = DigitRenderer.Render(Scenes.Plain(DigitFont.All[0], 3, roll: 0.75f));
        AssertSameRows(next, fromRow: 4, rolling, toRow: 12, rows: 20);
    }

    [Theory]
    [InlineData(Slice.Common)]
    [InlineData(Slice.Edge)]
    [InlineData(Slice.Adversarial)]
    public void No_sampled_digit_stands_near_the_half(Slice slice)
    {
        for (var index = 0; index < 2000; index++)
        {
            var scene = SceneSampler.Sample(slice, SplitMix64.SeedOf(8, index));
            Assert.True(Math.Abs(scene.Roll - 0.5f) >= 0.05f, $"roll {scene.Roll}");
        }
    }

    private static void AssertSameRows(byte[] expected, int fromRow, byte[] actual, int toRow, int rows)
    {
        for (var i = 0; i < rows * DigitRenderer.Width; i++)
            Assert.InRange(actual[toRow * DigitRenderer.Width + i] - expected[fromRow * DigitRenderer.Width + i], -1, 1);
    }
}
