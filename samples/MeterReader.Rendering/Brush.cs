namespace MeterReader.Rendering;

/// <summary>The shape that is swept along a segment.</summary>
public enum Brush
{
    /// <summary>A disc: rounded ends and joints.</summary>
    Round,

    /// <summary>An upright octagon: flat ends, angular joints without teeth.</summary>
    Octagon,

    /// <summary>A bar with pointed ends, as in a seven-segment display.</summary>
    Bevel,
}

internal static class BrushDistance
{
    private const float Diagonal = 0.70710678f;

    /// <summary>Tangent of 22.5°: half the side of an octagon over its inner radius.</summary>
    private const float HalfSide = 0.41421356f;

    /// <summary>The signed distance in pixels from a point to the edge of a stroke: negative inside.</summary>
    public static float Signed(Brush brush, in Segment segment, float halfWidth, float x, float y)
    {
        var (dx, dy) = (segment.X1 - segment.X0, segment.Y1 - segment.Y0);
        var length = MathF.Sqrt(dx * dx + dy * dy);
        (dx, dy) = length < 1e-6f ? (1, 0) : (dx / length, dy / length);

        var (fromX, fromY) = (x - (segment.X0 + segment.X1) / 2, y - (segment.Y0 + segment.Y1) / 2);
        var along = MathF.Abs(fromX * dx + fromY * dy);
        var across = MathF.Abs(fromY * dx - fromX * dy);
        return brush switch
        {
            Brush.Round => Capsule(along - length / 2, across) - halfWidth,
            Brush.Octagon => SweptOctagon(fromX, fromY, dx * length / 2, dy * length / 2, across, MathF.Abs(dx), MathF.Abs(dy), halfWidth),
            _ => MathF.Max(across - halfWidth, (along + across - length / 2) * Diagonal),
        };
    }

    private static float Capsule(float beyondEnd, float across)
    {
        var end = MathF.Max(beyondEnd, 0);
        return MathF.Sqrt(end * end + across * across);
    }

    /// <summary>The sum of a segment and an octagon is convex: the farthest of its edges decides.</summary>
    private static float SweptOctagon(float x, float y, float halfX, float halfY, float across, float slopeX, float slopeY, float halfWidth)
    {
        var upright = MathF.Max(MathF.Abs(x) - MathF.Abs(halfX), MathF.Abs(y) - MathF.Abs(halfY));
        var slanted = MathF.Max(MathF.Abs(x + y) - MathF.Abs(halfX + halfY), MathF.Abs(x - y) - MathF.Abs(halfX - halfY)) * Diagonal;
        var support = MathF.Max(slopeX, slopeY) + HalfSide * MathF.Min(slopeX, slopeY);
        return MathF.Max(MathF.Max(upright, slanted) - halfWidth, across - halfWidth * support);
    }
}
