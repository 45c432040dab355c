namespace MeterReader.Rendering;

/// <summary>How hard a window is to read.</summary>
public enum Slice
{
    /// <summary>A clean meter in fair light.</summary>
    Common,

    /// <summary>What every installer meets: digits that roll, glare, dirt, low contrast.</summary>
    Edge,

    /// <summary>Strong combinations, occlusion, and strokes that make one digit look like another.</summary>
    Adversarial,
}
