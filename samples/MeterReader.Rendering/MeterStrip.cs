namespace MeterReader.Rendering;

/// <summary>A photographed counter: digit windows of 32 rows and 24 columns side by side.</summary>
/// <param name="Pixels">Row-major gray values, 32 rows of 24 · <paramref name="Digits"/> columns.</param>
/// <param name="Digits">The number of windows.</param>
public sealed record MeterStrip(byte[] Pixels, int Digits)
{
    public int Width => Digits * DigitRenderer.Width;

    /// <summary>Renders a counter that shows <paramref name="reading"/>: one light for all windows.</summary>
    /// <param name="reading">The digits from left to right.</param>
    /// <param name="font">The digit shapes.</param>
    /// <param name="slice">How hard it is to read.</param>
    /// <param name="seed">Same seed, same bytes.</param>
    public static MeterStrip Render(string reading, DigitFont font, Slice slice, ulong seed)
    {
        var random = new SplitMix64(seed);
        var light = SceneSampler.Sample(slice, font, 0, random);
        var strip = new MeterStrip(new byte[reading.Length * DigitRenderer.Pixels], reading.Length);
        for (var window = 0; window < reading.Length; window++)
        {
            var scene = SceneSampler.Sample(slice, font, reading[window] - '0', random);
            strip.Insert(window, DigitRenderer.Render(scene with
            {
                Tone = light.Tone,
                Placement = scene.Placement with { HeightPixels = light.Placement.HeightPixels, Stretch = light.Placement.Stretch, Weight = light.Placement.Weight },
            }));
        }
        return strip;
    }

    /// <summary>The row-major pixels of one window.</summary>
    public byte[] Window(int index)
    {
        var window = new byte[DigitRenderer.Pixels];
        for (var row = 0; row < DigitRenderer.Height; row++)
            Array.Copy(Pixels, row * Width + index * DigitRenderer.Width, window, row * DigitRenderer.Width, DigitRenderer.Width);
        return window;
    }

    private void Insert(int index, byte[] window)
    {
        for (var row = 0; row < DigitRenderer.Height; row++)
            Array.Copy(window, row * DigitRenderer.Width, Pixels, row * Width + index * DigitRenderer.Width, DigitRenderer.Width);
    }
}
