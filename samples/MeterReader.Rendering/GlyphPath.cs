using System.Globalization;

namespace MeterReader.Rendering;

/// <summary>A straight piece of a stroke in the unit box of a glyph, y downwards.</summary>
public readonly record struct Segment(float X0, float Y0, float X1, float Y1);

/// <summary>
/// Reads the outline language of the fonts: <c>M x y</c> moves, <c>L x y</c> draws a line, <c>Q cx cy x y</c> a quadratic
/// curve, <c>H x y</c> a quarter of an ellipse that leaves horizontally, <c>V x y</c> one that leaves vertically.
/// </summary>
internal static class GlyphPath
{
    private const int StepsPerCurve = 6;

    public static Segment[] Parse(string path)
    {
        var segments = new List<Segment>();
        var words = path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var position = 0;
        var (x, y) = (0f, 0f);

        while (position < words.Length)
        {
            var command = words[position++];
            switch (command)
            {
                case "M":
                    (x, y) = (Number(), Number());
                    break;
                case "L":
                    LineTo(Number(), Number());
                    break;
                case "Q":
                    Quadratic(Number(), Number(), Number(), Number());
                    break;
                case "H":
                    QuarterEllipse(Number(), Number(), leavesHorizontally: true);
                    break;
                case "V":
                    QuarterEllipse(Number(), Number(), leavesHorizontally: false);
                    break;
                default:
                    throw new FormatException($"Unknown path command '{command}' in '{path}'.");
            }
        }

        return [.. segments];

        float Number() => float.Parse(words[position++], CultureInfo.InvariantCulture);

        void LineTo(float toX, float toY)
        {
            segments.Add(new Segment(x, y, toX, toY));
            (x, y) = (toX, toY);
        }

        void Quadratic(float controlX, float controlY, float toX, float toY)
        {
            var (fromX, fromY) = (x, y);
            for (var step = 1; step <= StepsPerCurve; step++)
            {
                var t = (float)step / StepsPerCurve;
                var u = 1 - t;
                LineTo(u * u * fromX + 2 * u * t * controlX + t * t * toX, u * u * fromY + 2 * u * t * controlY + t * t * toY);
            }
        }

        // The rational circle ((1 − t²)/(1 + t²), 2t/(1 + t²)) needs no sine, so its points are the same on every platform.
        void QuarterEllipse(float toX, float toY, bool leavesHorizontally)
        {
            var (fromX, fromY) = (x, y);
            for (var step = 1; step <= StepsPerCurve; step++)
            {
                var t = (float)step / StepsPerCurve;
                var along = 2 * t / (1 + t * t);
                var across = 1 - (1 - t * t) / (1 + t * t);
                var (sx, sy) = leavesHorizontally ? (along, across) : (across, along);
                LineTo(fromX + (toX - fromX) * sx, fromY + (toY - fromY) * sy);
            }
        }
    }
}
