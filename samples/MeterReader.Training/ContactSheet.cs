using MeterReader.Rendering;

namespace MeterReader.Training;

/// <summary>A picture of what the slices look like: for each slice 20 columns of windows, a row a digit, then whole meters.</summary>
internal static class ContactSheet
{
    private const int Columns = 20;
    private const int Scale = 2;
    private const int Gap = 2;
    private const int CellWidth = DigitRenderer.Width + Gap;
    private const int CellHeight = DigitRenderer.Height + Gap;

    public static byte[] Draw()
    {
        var slices = Enum.GetValues<Slice>();
        var width = Columns * CellWidth;
        var height = (slices.Length * 11 + 3) * CellHeight;
        var sheet = new byte[width * height];
        Array.Fill(sheet, (byte)128);

        for (var s = 0; s < slices.Length; s++)
        {
            for (var cell = 0; cell < Columns * 10; cell++)
            {
                var random = new SplitMix64(SplitMix64.SeedOf(7, s * 1000 + cell));
                var font = DigitFont.All[cell % Columns % DigitFont.All.Count];
                var scene = SceneSampler.Sample(slices[s], font, cell / Columns, random);
                Place(sheet, width, cell % Columns * CellWidth, (s * 11 + cell / Columns) * CellHeight, DigitRenderer.Render(scene), DigitRenderer.Width);
            }
            for (var meter = 0; meter < 3; meter++)
            {
                var strip = MeterStrip.Render("0473" + s + meter, DigitFont.All[(s + meter) % DigitFont.All.Count], slices[s], (ulong)(s * 10 + meter));
                Place(sheet, width, meter * (strip.Width + Gap), (slices.Length * 11 + s) * CellHeight, strip.Pixels, strip.Width);
            }
        }
        return PngWriter.Gray(Enlarge(sheet, width, height), width * Scale, height * Scale);
    }

    private static void Place(byte[] sheet, int sheetWidth, int x, int y, byte[] pixels, int width)
    {
        for (var row = 0; row < pixels.Length / width; row++)
            Array.Copy(pixels, row * width, sheet, (y + row) * sheetWidth + x, width);
    }

    private static byte[] Enlarge(byte[] pixels, int width, int height)
    {
        var large = new byte[pixels.Length * Scale * Scale];
        for (var row = 0; row < height * Scale; row++)
        {
            for (var column = 0; column < width * Scale; column++)
                large[row * width * Scale + column] = pixels[row / Scale * width + column / Scale];
        }
        return large;
    }
}
