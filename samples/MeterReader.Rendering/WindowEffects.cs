namespace MeterReader.Rendering;

/// <summary>What light, dirt and the sensor do to the window.</summary>
internal static class WindowEffects
{
    private const int Height = DigitRenderer.Height;
    private const int Width = DigitRenderer.Width;

    public static void Shade(float[] levels, Tone tone)
    {
        for (var row = 0; row < Height; row++)
        {
            var v = (row + 0.5f) / Height * 2 - 1;
            for (var column = 0; column < Width; column++)
            {
                var u = (column + 0.5f) / Width * 2 - 1;
                var light = 1 - tone.DrumShade * v * v * v * v - MathF.Max(0, tone.SideShade * u);
                var fromSide = MathF.Min(column + 0.5f, Width - column - 0.5f);
                var frame = Math.Clamp(tone.FrameWidth + 0.5f - fromSide, 0, 1);
                levels[row * Width + column] *= light * (1 - 0.85f * frame);
            }
        }
    }

    public static void Paint(float[] levels, Spot spot) => Blend(levels, spot.Level, spot.Opacity, (x, y) =>
    {
        var (dx, dy) = ((x - spot.X) / spot.Radius, (y - spot.Y) / spot.Radius);
        var outside = dx * dx + dy * dy;
        return outside >= 1 ? 0 : (1 - outside) * (1 + outside);
    });

    public static void Paint(float[] levels, Band band) => Blend(levels, band.Level, band.Opacity, (x, y) =>
    {
        var distance = BrushDistance.Signed(Brush.Round, band.Line, band.HalfWidth, x, y);
        var t = Math.Clamp(0.5f - distance / band.Softness, 0, 1);
        return t * t * (3 - 2 * t);
    });

    /// <summary>One separable pass with the weights (spread, 1 − 2·spread, spread); edges repeat.</summary>
    public static void Blur(float[] levels, float spread)
    {
        var source = (float[])levels.Clone();
        for (var row = 0; row < Height; row++)
        {
            for (var column = 0; column < Width; column++)
                levels[row * Width + column] = Smooth(source, row * Width, 1, column, Width, spread);
        }

        Array.Copy(levels, source, levels.Length);
        for (var column = 0; column < Width; column++)
        {
            for (var row = 0; row < Height; row++)
                levels[row * Width + column] = Smooth(source, column, Width, row, Height, spread);
        }
    }

    public static void AddNoise(float[] levels, float deviation, ulong seed)
    {
        if (deviation <= 0)
            return;
        var random = new SplitMix64(seed);
        for (var i = 0; i < levels.Length; i++)
            levels[i] += deviation * random.NextBell();
    }

    private static float Smooth(float[] source, int start, int stride, int index, int count, float spread)
    {
        var before = source[start + Math.Max(index - 1, 0) * stride];
        var after = source[start + Math.Min(index + 1, count - 1) * stride];
        return spread * (before + after) + (1 - 2 * spread) * source[start + index * stride];
    }

    private static void Blend(float[] levels, float level, float opacity, Func<float, float, float> coverage)
    {
        for (var row = 0; row < Height; row++)
        {
            for (var column = 0; column < Width; column++)
            {
                ref var target = ref levels[row * Width + column];
                target += (level - target) * opacity * coverage(column + 0.5f, row + 0.5f);
            }
        }
    }
}
