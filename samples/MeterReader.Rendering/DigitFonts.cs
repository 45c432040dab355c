namespace MeterReader.Rendering;

/// <summary>Our own digit shapes, in the path language of <see cref="GlyphPath"/>; each line is one digit, from 0 to 9.</summary>
public static class DigitFonts
{
    public static DigitFont RoundedSans { get; } = DigitFont.Of("rounded sans", Brush.Round, 0.56f, 0.075f,
        "M .5 0 H 1 .3 L 1 .7 V .5 1 H 0 .7 L 0 .3 V .5 0",
        "M .2 .22 L .58 0 L .58 1",
        "M .03 .27 V .5 0 H .97 .27 Q .97 .46 .7 .63 Q .2 .86 0 1 L 1 1",
        "M .03 .2 V .48 0 H .94 .24 V .5 .47 L .36 .47 M .5 .47 H 1 .73 V .5 1 H 0 .78",
        "M .74 1 L .74 0 L 0 .7 L 1 .7",
        "M .92 0 L .16 0 L .07 .46 Q .25 .37 .5 .37 H 1 .68 V .5 1 H 0 .8",
        "M .92 .14 Q .78 0 .52 0 H 0 .45 L 0 .68 V .5 1 H 1 .7 V .5 .4 H 0 .7",
        "M 0 0 L 1 0 Q .45 .5 .38 1",
        "M .5 0 H .93 .23 V .5 .46 H .07 .23 V .5 0 M .5 .46 H 1 .73 V .5 1 H 0 .73 V .5 .46",
        "M .08 .86 Q .22 1 .48 1 H 1 .55 L 1 .32 V .5 0 H 0 .3 V .5 .6 H 1 .3");

    public static DigitFont Slab { get; } = DigitFont.Of("slab serif", Brush.Octagon, 0.58f, 0.052f,
        "M .5 0 H .96 .35 L .96 .65 V .5 1 H .04 .65 L .04 .35 V .5 0",
        "M .2 .16 L .52 .03 L .52 1 M .16 1 L .88 1",
        "M .06 .3 V .5 0 H .95 .28 Q .95 .46 .6 .68 L .05 1 L .97 1 L .97 .83",
        "M .06 .17 L .06 0 L .9 0 L .42 .4 H 1 .7 V .5 1 H .02 .8",
        "M .72 1 L .72 0 L .02 .67 L 1 .67 M .48 1 L .96 1",
        "M .93 .14 L .93 0 L .14 0 L .14 .42 Q .3 .35 .5 .35 H .98 .67 V .48 1 H .02 .8",
        "M .86 .1 Q .74 0 .55 0 H .03 .5 L .03 .68 V .5 1 H .98 .7 V .5 .42 H .03 .7",
        "M .04 .18 L .04 0 L .98 0 L .4 1",
        "M .5 0 H .9 .24 V .5 .47 H .1 .24 V .5 0 M .5 .47 H .98 .73 V .5 1 H .02 .73 V .5 .47",
        "M .14 .9 Q .26 1 .45 1 H .97 .5 L .97 .32 V .5 0 H .02 .3 V .5 .58 H .97 .3");

    public static DigitFont Counter { get; } = DigitFont.Of("mechanical counter", Brush.Round, 0.44f, 0.06f,
        "M .5 0 H 1 .2 L 1 .8 V .5 1 H 0 .8 L 0 .2 V .5 0",
        "M .5 0 L .5 1",
        "M 0 .2 V .5 0 H 1 .2 L 1 .34 L 0 .86 L 0 1 L 1 1",
        "M 0 .17 V .5 0 H 1 .2 L 1 .32 V .6 .48 L .35 .48 M .6 .48 H 1 .65 L 1 .8 V .5 1 H 0 .83",
        "M .62 0 L 0 .62 L 0 .72 L 1 .72 M .74 .42 L .74 1",
        "M .95 0 L .06 0 L .06 .44 L .5 .38 H 1 .6 L 1 .8 V .5 1 H 0 .83",
        "M .7 0 L .12 .46 Q 0 .56 0 .72 V .5 1 H 1 .73 V .5 .46 H .06 .62",
        "M 0 .1 L 0 0 L 1 0 L .3 1",
        "M .5 0 H .95 .19 L .95 .29 V .5 .47 H .05 .29 L .05 .19 V .5 0 M .5 .47 H 1 .65 L 1 .8 V .5 1 H 0 .8 L 0 .65 V .5 .47",
        "M .3 1 L .88 .54 Q 1 .44 1 .28 V .5 0 H 0 .27 V .5 .54 H .94 .38");

    public static DigitFont SevenSegment { get; } = OfSegments("seven segment", 0.52f, 0.055f,
        "abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg");

    public static DigitFont Block { get; } = DigitFont.Of("bold block", Brush.Octagon, 0.5f, 0.095f,
        "M .22 0 L .78 0 L 1 .13 L 1 .87 L .78 1 L .22 1 L 0 .87 L 0 .13 L .22 0",
        "M .18 .14 L .5 .02 L .5 1 M .15 1 L .85 1",
        "M 0 .2 L 0 .13 L .22 0 L .78 0 L 1 .13 L 1 .36 L 0 .84 L 0 1 L 1 1",
        "M 0 .16 L .22 0 L .78 0 L 1 .13 L 1 .36 L .8 .48 L .4 .48 M .8 .48 L 1 .62 L 1 .87 L .78 1 L .22 1 L 0 .84",
        "M .72 1 L .72 0 L .5 0 L 0 .58 L 0 .7 L 1 .7",
        "M .96 0 L .04 0 L .04 .42 L .78 .42 L 1 .56 L 1 .86 L .78 1 L .22 1 L 0 .86",
        "M .94 .06 L .8 0 L .25 0 L 0 .14 L 0 .87 L .22 1 L .78 1 L 1 .87 L 1 .56 L .78 .45 L .1 .45",
        "M 0 0 L 1 0 L 1 .12 L .42 1",
        "M .24 0 L .76 0 L .96 .12 L .96 .36 L .78 .48 L .22 .48 L .04 .36 L .04 .12 L .24 0 M .78 .48 L 1 .62 L 1 .87 L .78 1 L .22 1 L 0 .87 L 0 .62 L .22 .48",
        "M .06 .94 L .2 1 L .75 1 L 1 .86 L 1 .13 L .78 0 L .22 0 L 0 .13 L 0 .44 L .22 .55 L .9 .55");

    private static DigitFont OfSegments(string name, float widthPerHeight, float halfWidthPerHeight, params ReadOnlySpan<string> lit)
    {
        Segment[] bars =
        [
            new(0, 0, 1, 0), new(1, 0, 1, .5f), new(1, .5f, 1, 1), new(0, 1, 1, 1), new(0, .5f, 0, 1), new(0, 0, 0, .5f), new(0, .5f, 1, .5f),
        ];
        var glyphs = new Segment[lit.Length][];
        for (var digit = 0; digit < lit.Length; digit++)
            glyphs[digit] = [.. lit[digit].Select(letter => bars[letter - 'a'])];
        return new DigitFont(name, Brush.Bevel, widthPerHeight, halfWidthPerHeight, glyphs);
    }
}
