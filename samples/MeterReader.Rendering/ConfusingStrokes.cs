namespace MeterReader.Rendering;

/// <summary>Strokes in the unit box that move a digit towards another one: each covers a part of what sets the two apart.</summary>
internal static class ConfusingStrokes
{
    private static readonly Segment _upperLeft = new(0.02f, 0.14f, 0.02f, 0.40f);
    private static readonly Segment _lowerLeft = new(0.02f, 0.58f, 0.02f, 0.86f);
    private static readonly Segment _upperRight = new(0.98f, 0.14f, 0.98f, 0.42f);
    private static readonly Segment _lowerRight = new(0.98f, 0.58f, 0.98f, 0.88f);
    private static readonly Segment _middle = new(0.2f, 0.48f, 0.8f, 0.48f);
    private static readonly Segment _top = new(0.05f, 0.02f, 0.6f, 0.02f);
    private static readonly Segment _bottom = new(0.1f, 0.98f, 0.9f, 0.98f);

    /// <summary>By digit. 0→8; 1→7, 4; 2→8, 3; 3→8, 9; 4→9; 5→6, 9; 6→8; 7→2, 9; 8 has every stroke, so a slash; 9→8.</summary>
    private static readonly Segment[][] _byDigit =
    [
        [_middle],
        [_top, new(0.0f, 0.7f, 0.45f, 0.7f)],
        [_upperLeft, _lowerRight],
        [_upperLeft, _lowerLeft],
        [new(0.1f, 0.04f, 0.7f, 0.04f)],
        [_lowerLeft, _upperRight],
        [_upperRight],
        [_bottom, _middle],
        [new(0.1f, 0.9f, 0.9f, 0.1f)],
        [_lowerLeft],
    ];

    /// <summary>A stroke that is either short, or thin and faint, so that the digit stays decidable.</summary>
    public static StrayStroke Draw(int digit, SplitMix64 random)
    {
        var choices = _byDigit[digit];
        var whole = choices[random.Below(choices.Length)];
        return random.Chance(0.5f)
            ? new StrayStroke(Part(whole, random.Between(0.35f, 0.6f), random), random.Between(0.6f, 0.9f), random.Between(0.7f, 1f))
            : new StrayStroke(whole, random.Between(0.4f, 0.7f), random.Between(0.25f, 0.5f));
    }

    private static Segment Part(Segment whole, float share, SplitMix64 random)
    {
        var start = random.Chance(0.5f) ? 0 : 1 - share;
        return new Segment(
            whole.X0 + (whole.X1 - whole.X0) * start,
            whole.Y0 + (whole.Y1 - whole.Y0) * start,
            whole.X0 + (whole.X1 - whole.X0) * (start + share),
            whole.Y0 + (whole.Y1 - whole.Y0) * (start + share));
    }
}
