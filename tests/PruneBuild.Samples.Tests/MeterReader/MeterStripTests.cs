using System.Text;
using MeterReader.Rendering;

namespace PruneBuild.Samples.Tests.MeterReader;

public sealed class MeterStripTests
{
    [Fact]
    public void A_strip_holds_a_window_for_each_digit()
    {
        var strip = MeterStrip.Render("004731", DigitFonts.Counter, Slice.Common, seed: 1);
        Assert.Equal(6, strip.Digits);
        Assert.Equal(144, strip.Width);
        Assert.Equal(144 * 32, strip.Pixels.Length);
    }

    [Fact]
    public void A_window_is_cut_out_of_its_columns()
    {
        var strip = new MeterStrip([.. Enumerable.Range(0, 48 * 32).Select(i => (byte)(i % 48))], Digits: 2);
        Assert.All(strip.Window(1).Select((pixel, index) => (pixel, index)), item => Assert.Equal(24 + item.index % 24, item.pixel));
    }

    [Fact]
    public void A_strip_survives_a_gray_map()
    {
        var strip = MeterStrip.Render("86", DigitFonts.Slab, Slice.Edge, seed: 2);
        var read = GrayMap.ReadStrip(GrayMap.Write(strip.Pixels, strip.Width));
        Assert.Equal(strip.Digits, read.Digits);
        Assert.Equal(strip.Pixels, read.Pixels);
    }

    [Fact]
    public void Comments_in_a_gray_map_are_skipped()
    {
        byte[] file = [.. "P5 # a camera\n24 32\n# exposure 3 ms\n255\n"u8, .. new byte[768]];
        Assert.Equal(1, GrayMap.ReadStrip(file).Digits);
    }

    [Theory]
    [InlineData("", "P5")]
    [InlineData("P2\n24 32\n255\n", "P5")]
    [InlineData("P5\n24", "height")]
    [InlineData("P5\nx 32\n255\n", "width")]
    [InlineData("P5\n25 32\n255\n", "25x32")]
    [InlineData("P5\n24 32\n65535\n", "65535")]
    [InlineData("P5\n24 32\n255\n12", "2 of 768")]
    [InlineData("P5\n24 32\n255", "0 of 768")]
    [InlineData("P5\n2147483640 32\n255\n", "0 of")]
    public void A_file_that_is_no_strip_is_refused_with_the_reason(string file, string reason)
    {
        var failure = Assert.Throws<InvalidDataException>(() => GrayMap.ReadStrip(Encoding.ASCII.GetBytes(file)));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }
}
