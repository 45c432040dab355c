using MeterReader.Rendering;

namespace PruneBuild.Samples.Tests.MeterReader;

/// <summary>Windows without any effect, so that geometry can be compared pixel by pixel.</summary>
internal static class Scenes
{
    public static DigitScene Plain(DigitFont font, int digit, float roll = 0) => new(
        font,
        digit,
        roll,
        new Placement(HeightPixels: 21, Stretch: 1, Weight: 1, HalfTurn: 0, Shear: 0, OffsetX: 0, OffsetY: 0),
        new Tone(Paper: 0.9f, Ink: 0.1f, DrumShade: 0, SideShade: 0, FrameWidth: 0));
}
