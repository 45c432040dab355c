namespace MeterReader.Rendering;

/// <summary>Draws scenes of a slice. The same slice and seed give the same scene.</summary>
public static class SceneSampler
{
    [Flags]
    private enum Trouble
    {
        None = 0,
        Rolling = 1,
        Glare = 2,
        Dirt = 4,
        LowContrast = 8,
        Blur = 16,
        Occlusion = 32,
        Confusion = 64,
    }

    private static readonly Trouble[] _edgeTroubles = [Trouble.Rolling, Trouble.Rolling, Trouble.Glare, Trouble.Dirt, Trouble.LowContrast];

    private static readonly Trouble[] _adversarialTroubles =
    [
        Trouble.Rolling, Trouble.Glare, Trouble.Dirt, Trouble.LowContrast, Trouble.Blur, Trouble.Occlusion, Trouble.Occlusion, Trouble.Confusion, Trouble.Confusion,
    ];

    /// <summary>Any font and any digit.</summary>
    public static DigitScene Sample(Slice slice, ulong seed)
    {
        var random = new SplitMix64(seed);
        var font = DigitFont.All[random.Below(DigitFont.All.Count)];
        return Sample(slice, font, random.Below(10), random);
    }

    /// <summary>A given font, and a given digit as the label.</summary>
    public static DigitScene Sample(Slice slice, DigitFont font, int label, SplitMix64 random)
    {
        var troubles = DrawTroubles(slice, random);
        var tone = DrawTone(slice, troubles, random);
        var roll = DrawRoll(slice, troubles, font, random);
        var scene = new DigitScene(font, roll < 0.5f ? label : (label + 9) % 10, roll, DrawPlacement(slice, random), tone)
        {
            StrayStrokes = troubles.HasFlag(Trouble.Confusion) ? [ConfusingStrokes.Draw(label, random)] : [],
            Spots = DrawSpots(slice, troubles, random),
            Bands = DrawBands(slice, troubles, tone, random),
        };
        return WithSensor(scene, slice, troubles, random);
    }

    private static Trouble DrawTroubles(Slice slice, SplitMix64 random)
    {
        var (pool, count) = slice switch
        {
            Slice.Edge => (_edgeTroubles, 1 + random.Below(2)),
            Slice.Adversarial => (_adversarialTroubles, 2 + random.Below(2)),
            _ => ([], 0),
        };
        var drawn = Trouble.None;
        for (var i = 0; i < count; i++)
            drawn |= pool[random.Below(pool.Length)];
        return drawn;
    }

    private static Tone DrawTone(Slice slice, Trouble troubles, SplitMix64 random)
    {
        var contrast = troubles.HasFlag(Trouble.LowContrast)
            ? slice == Slice.Adversarial ? random.Between(0.14f, 0.24f) : random.Between(0.17f, 0.3f)
            : random.Between(0.45f, 0.8f);
        var dark = random.Between(0.06f, 0.94f - contrast);
        var brightInk = random.Chance(0.5f);
        return new Tone(
            Paper: brightInk ? dark : dark + contrast,
            Ink: brightInk ? dark + contrast : dark,
            DrumShade: random.Between(0, slice == Slice.Common ? 0.35f : 0.6f),
            SideShade: random.Between(-0.15f, 0.15f),
            FrameWidth: random.Chance(0.6f) ? random.Between(0, 2) : 0);
    }

    private static float DrawRoll(Slice slice, Trouble troubles, DigitFont font, SplitMix64 random)
    {
        // A display has no drum.
        if (font.Brush == Brush.Bevel)
            return 0;
        var (atLeast, atMost) = !troubles.HasFlag(Trouble.Rolling) ? (0f, 0.08f)
            : slice == Slice.Adversarial ? (0.25f, 0.44f) : (0.12f, 0.38f);
        var roll = random.Between(atLeast, atMost);
        return random.Chance(0.5f) ? roll : 1 - roll;
    }

    private static Placement DrawPlacement(Slice slice, SplitMix64 random)
    {
        var looseness = slice switch { Slice.Common => 1f, Slice.Edge => 1.4f, _ => 1.8f };
        return new Placement(
            HeightPixels: random.Between(19f, 23f),
            Stretch: random.Between(0.9f, 1.15f),
            Weight: random.Between(0.75f, 1.25f),
            HalfTurn: random.Between(-0.03f, 0.03f) * looseness,
            Shear: random.Between(-0.1f, 0.1f) * looseness,
            OffsetX: random.Between(-1.2f, 1.2f) * looseness,
            OffsetY: random.Between(-1.2f, 1.2f) * looseness);
    }

    private static Spot[] DrawSpots(Slice slice, Trouble troubles, SplitMix64 random)
    {
        if (!troubles.HasFlag(Trouble.Dirt))
            return [];
        var spots = new Spot[slice == Slice.Adversarial ? 4 + random.Below(6) : 2 + random.Below(5)];
        for (var i = 0; i < spots.Length; i++)
        {
            spots[i] = new Spot(
                random.Between(0, DigitRenderer.Width),
                random.Between(0, DigitRenderer.Height),
                random.Between(1f, 3.2f),
                random.Chance(0.75f) ? random.Between(0.02f, 0.25f) : random.Between(0.7f, 0.95f),
                random.Between(0.5f, 1f));
        }
        return spots;
    }

    private static Band[] DrawBands(Slice slice, Trouble troubles, Tone tone, SplitMix64 random)
    {
        var bands = new List<Band>();
        if (troubles.HasFlag(Trouble.Glare))
        {
            bands.Add(new Band(
                AcrossWindow(random, steep: 1.2f),
                HalfWidth: random.Between(1f, 3.5f),
                Softness: random.Between(4f, 9f),
                Level: 1f,
                Opacity: troubles.HasFlag(Trouble.LowContrast) ? random.Between(0.3f, 0.5f)
                    : slice == Slice.Adversarial ? random.Between(0.65f, 0.9f) : random.Between(0.5f, 0.8f)));
        }
        if (troubles.HasFlag(Trouble.Occlusion))
        {
            var level = random.Chance(0.5f) ? tone.Paper : random.Between(0.05f, 0.9f);
            bands.Add(new Band(
                AcrossWindow(random, steep: 0.5f), HalfWidth: random.Between(1f, 2.2f), Softness: 1, level, Opacity: random.Between(0.85f, 1f)));
        }
        return [.. bands];
    }

    /// <summary>A line from edge to edge, through a random point and half the time upright.</summary>
    private static Segment AcrossWindow(SplitMix64 random, float steep)
    {
        var slope = random.Between(-steep, steep);
        var (x, y) = (random.Between(4, DigitRenderer.Width - 4), random.Between(4, DigitRenderer.Height - 4));
        const float Reach = 40;
        return random.Chance(0.5f)
            ? new Segment(x - slope * Reach, y - Reach, x + slope * Reach, y + Reach)
            : new Segment(x - Reach, y - slope * Reach, x + Reach, y + slope * Reach);
    }

    private static DigitScene WithSensor(DigitScene scene, Slice slice, Trouble troubles, SplitMix64 random) => scene with
    {
        BlurPasses = troubles.HasFlag(Trouble.Blur) ? 2 + random.Below(3) : 1,
        BlurSpread = troubles.HasFlag(Trouble.Blur) ? 0.25f : random.Between(0, slice == Slice.Common ? 0.12f : 0.2f),
        Noise = slice switch
        {
            _ when troubles.HasFlag(Trouble.LowContrast) => random.Between(0.01f, 0.03f),
            Slice.Common => random.Between(0.005f, 0.025f),
            Slice.Edge => random.Between(0.01f, 0.04f),
            _ => random.Between(0.02f, 0.06f),
        },
        NoiseSeed = random.NextUInt64(),
    };
}
