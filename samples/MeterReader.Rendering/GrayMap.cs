using System.Globalization;
using System.Text;

namespace MeterReader.Rendering;

/// <summary>Binary portable gray maps (PGM, P5, 8 bits), which every camera pipeline and image tool can write.</summary>
public static class GrayMap
{
    /// <summary>Reads a strip of digit windows.</summary>
    /// <exception cref="InvalidDataException">Not an 8-bit P5 file of 32 rows and a multiple of 24 columns.</exception>
    public static MeterStrip ReadStrip(ReadOnlySpan<byte> file)
    {
        var position = 0;
        if (Word(file, ref position) != "P5")
            throw new InvalidDataException("not a binary gray map: the file does not start with P5");
        var width = Number(file, ref position, "width");
        var height = Number(file, ref position, "height");
        var maximum = Number(file, ref position, "maximum");
        if (maximum != 255)
            throw new InvalidDataException($"the maximum gray value is {maximum}, expected 255");
        if (height != DigitRenderer.Height || width <= 0 || width % DigitRenderer.Width != 0)
            throw new InvalidDataException($"the image is {width}x{height} pixels, expected a multiple of {DigitRenderer.Width} by {DigitRenderer.Height}");
        position++;
        if (file.Length - position < (long)width * height)
            throw new InvalidDataException($"the file ends after {Math.Max(0, file.Length - position)} of {(long)width * height} pixels");
        return new MeterStrip(file.Slice(position, width * height).ToArray(), width / DigitRenderer.Width);
    }

    public static byte[] Write(byte[] pixels, int width)
    {
        var header = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P5\n{width} {pixels.Length / width}\n255\n"));
        return [.. header, .. pixels];
    }

    private static int Number(ReadOnlySpan<byte> file, ref int position, string what)
    {
        var word = Word(file, ref position);
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"the {what} '{word}' is not a number");
    }

    /// <summary>The next word of the header; comments run from # to the end of the line.</summary>
    private static string Word(ReadOnlySpan<byte> file, ref int position)
    {
        while (position < file.Length && (file[position] == '#' || char.IsWhiteSpace((char)file[position])))
        {
            if (file[position] == '#')
            {
                while (position < file.Length && file[position] != '\n')
                    position++;
            }
            else
            {
                position++;
            }
        }

        var start = position;
        while (position < file.Length && !char.IsWhiteSpace((char)file[position]))
            position++;
        return Encoding.ASCII.GetString(file[start..position]);
    }
}
