namespace MeterReader.Rendering;

/// <summary>Draws a scene into a gray window of 32 rows and 24 columns.</summary>
public static class DigitRenderer
{
    public const int Height = 32;
    public const int Width = 24;
    public const int Pixels = Height * Width;

    /// <summary>One turn of the drum from digit to digit moves it by the height of the window.</summary>
    private const float PitchPixels = Height;

    /// <summary>Row-major gray values. Only additions, multiplications, divisions and square roots decide them, which every
    /// IEEE 754 platform rounds alike: the same scene gives the same bytes everywhere.</summary>
    public static byte[] Render(DigitScene scene)
    {
        var levels = new float[Pixels];
        PaintPaper(levels, scene.Tone);
        PaintDigit(levels, scene, scene.Digit, -scene.Roll * PitchPixels);
        if (scene.Roll > 0)
            PaintDigit(levels, scene, (scene.Digit + 1) % 10, (1 - scene.Roll) * PitchPixels);
        WindowEffects.Shade(levels, scene.Tone);
        foreach (var spot in scene.Spots)
            WindowEffects.Paint(levels, spot);
        foreach (var band in scene.Bands)
            WindowEffects.Paint(levels, band);
        for (var pass = 0; pass < scene.BlurPasses; pass++)
            WindowEffects.Blur(levels, scene.BlurSpread);
        WindowEffects.AddNoise(levels, scene.Noise, scene.NoiseSeed);
        return Quantize(levels);
    }

    private static void PaintPaper(float[] levels, Tone tone) => Array.Fill(levels, tone.Paper);

    private static void PaintDigit(float[] levels, DigitScene scene, int digit, float drumOffset)
    {
        var map = new GlyphToWindow(scene.Font, scene.Placement, drumOffset);
        var halfWidth = scene.Font.HalfWidthPerHeight * scene.Placement.HeightPixels * scene.Placement.Weight;
        PaintStrokes(levels, map.Apply(scene.Font.Glyphs[digit]), scene.Font.Brush, halfWidth, scene.Tone.Ink, opacity: 1);

        // Stray strokes belong to the digit that is read, so that they move with it.
        if (digit == scene.Label)
        {
            foreach (var stray in scene.StrayStrokes)
                PaintStrokes(levels, map.Apply([stray.Segment]), Brush.Round, halfWidth * stray.Weight, scene.Tone.Ink, stray.Opacity);
        }
    }

    private static void PaintStrokes(float[] levels, Segment[] strokes, Brush brush, float halfWidth, float level, float opacity)
    {
        for (var row = 0; row < Height; row++)
        {
            for (var column = 0; column < Width; column++)
            {
                var nearest = float.MaxValue;
                foreach (ref readonly var stroke in strokes.AsSpan())
                    nearest = MathF.Min(nearest, BrushDistance.Signed(brush, stroke, halfWidth, column + 0.5f, row + 0.5f));
                var coverage = Math.Clamp(0.5f - nearest, 0, 1) * opacity;
                ref var target = ref levels[row * Width + column];
                target += (level - target) * coverage;
            }
        }
    }

    private static byte[] Quantize(float[] levels)
    {
        var bytes = new byte[levels.Length];
        for (var i = 0; i < levels.Length; i++)
            bytes[i] = (byte)(Math.Clamp(levels[i], 0, 1) * 255 + 0.5f);
        return bytes;
    }

    /// <summary>Unit box of the glyph to pixels of the window: scale, shear, rotate, shift.</summary>
    private readonly struct GlyphToWindow(DigitFont font, Placement placement, float drumOffset)
    {
        private readonly float _scaleX = font.WidthPerHeight * placement.HeightPixels * placement.Stretch;
        private readonly float _cosine = (1 - placement.HalfTurn * placement.HalfTurn) / (1 + placement.HalfTurn * placement.HalfTurn);
        private readonly float _sine = 2 * placement.HalfTurn / (1 + placement.HalfTurn * placement.HalfTurn);

        public Segment[] Apply(Segment[] strokes)
        {
            var mapped = new Segment[strokes.Length];
            for (var i = 0; i < strokes.Length; i++)
            {
                var (x0, y0) = Map(strokes[i].X0, strokes[i].Y0);
                var (x1, y1) = Map(strokes[i].X1, strokes[i].Y1);
                mapped[i] = new Segment(x0, y0, x1, y1);
            }
            return mapped;
        }

        private (float X, float Y) Map(float unitX, float unitY)
        {
            var y = (unitY - 0.5f) * placement.HeightPixels + drumOffset;
            var x = (unitX - 0.5f) * _scaleX - placement.Shear * y;
            return (Width / 2f + placement.OffsetX + x * _cosine - y * _sine, Height / 2f + placement.OffsetY + x * _sine + y * _cosine);
        }
    }
}
