namespace MeterReader.Rendering;

/// <summary>Ten digits as strokes in a unit box.</summary>
/// <param name="Name">What a contact sheet calls it.</param>
/// <param name="Brush">The brush that draws the strokes.</param>
/// <param name="WidthPerHeight">Width of the box of the centre lines over its height.</param>
/// <param name="HalfWidthPerHeight">Half the stroke width over the height of the box.</param>
/// <param name="Glyphs">The segments of the digits 0 to 9.</param>
public sealed record DigitFont(string Name, Brush Brush, float WidthPerHeight, float HalfWidthPerHeight, IReadOnlyList<Segment[]> Glyphs)
{
    public static IReadOnlyList<DigitFont> All { get; } =
        [DigitFonts.RoundedSans, DigitFonts.Slab, DigitFonts.Counter, DigitFonts.SevenSegment, DigitFonts.Block];

    internal static DigitFont Of(string name, Brush brush, float widthPerHeight, float halfWidthPerHeight, params ReadOnlySpan<string> paths)
    {
        var glyphs = new Segment[paths.Length][];
        for (var digit = 0; digit < paths.Length; digit++)
            glyphs[digit] = GlyphPath.Parse(paths[digit]);
        return new DigitFont(name, brush, widthPerHeight, halfWidthPerHeight, glyphs);
    }
}
