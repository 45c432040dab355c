namespace MeterReader.Rendering;

/// <summary>How the drum or display sits in the window. Lengths in pixels; slopes are tangents, so no sine is needed.</summary>
/// <param name="HeightPixels">Height of the centre lines of a digit.</param>
/// <param name="Stretch">Factor on the font's own width.</param>
/// <param name="Weight">Factor on the font's own stroke width.</param>
/// <param name="HalfTurn">Tangent of half the rotation angle.</param>
/// <param name="Shear">Horizontal shift per vertical pixel.</param>
/// <param name="OffsetX">Shift to the right of the window's centre.</param>
/// <param name="OffsetY">Shift below the window's centre.</param>
public sealed record Placement(float HeightPixels, float Stretch, float Weight, float HalfTurn, float Shear, float OffsetX, float OffsetY);

/// <summary>Gray levels, 0 black to 1 white.</summary>
/// <param name="Paper">The drum or display ground.</param>
/// <param name="Ink">The digit.</param>
/// <param name="DrumShade">How much darker the drum is where it curves away at the top and bottom.</param>
/// <param name="SideShade">How much darker the ground is on the left (negative) or right (positive).</param>
/// <param name="FrameWidth">Width in pixels of the dark window frame that shows at the left and right.</param>
public sealed record Tone(float Paper, float Ink, float DrumShade, float SideShade, float FrameWidth);

/// <summary>A stroke that is not part of the digit, in the unit box of the digit; widths are factors on the font's.</summary>
public sealed record StrayStroke(Segment Segment, float Weight, float Opacity);

/// <summary>A soft round spot, in pixels of the window.</summary>
public sealed record Spot(float X, float Y, float Radius, float Level, float Opacity);

/// <summary>A straight band across the window, in pixels; a soft bright one is glare, a hard one occludes.</summary>
public sealed record Band(Segment Line, float HalfWidth, float Softness, float Level, float Opacity);

/// <summary>Everything that is in one window. Rendering it is a pure function.</summary>
/// <param name="Font">The digit shapes.</param>
/// <param name="Digit">The digit that leaves the window upwards, 0 to 9.</param>
/// <param name="Roll">How far the drum has turned to the next digit, 0 (at rest) to 1; never exactly one half.</param>
public sealed record DigitScene(DigitFont Font, int Digit, float Roll, Placement Placement, Tone Tone)
{
    public IReadOnlyList<StrayStroke> StrayStrokes { get; init; } = [];
    public IReadOnlyList<Spot> Spots { get; init; } = [];
    public IReadOnlyList<Band> Bands { get; init; } = [];

    /// <summary>Spread of each blur pass: the weight of either neighbour, 0 to 0.25.</summary>
    public float BlurSpread { get; init; }
    public int BlurPasses { get; init; }

    /// <summary>Standard deviation of the sensor noise in gray levels (0 to 1).</summary>
    public float Noise { get; init; }
    public ulong NoiseSeed { get; init; }

    /// <summary>The digit that fills more than half of the window.</summary>
    public int Label => Roll < 0.5f ? Digit : (Digit + 1) % 10;
}
