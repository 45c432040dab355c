using MeterReader.Rendering;

namespace MeterReader;

/// <summary>A meter to read.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Strip">Its digit windows.</param>
/// <param name="Expected">The true reading; empty when nobody knows it.</param>
/// <param name="MustMatch">Whether a wrong reading makes the program fail.</param>
internal sealed record Meter(string Name, MeterStrip Strip, string Expected, bool MustMatch)
{
    /// <summary>Rendered meters with fixed seeds: clean ones, which must be read, and hard ones, which show where it ends.</summary>
    public static IReadOnlyList<Meter> Demonstration() =>
    [
        Draw("water, kitchen", "004731", DigitFonts.Counter, Slice.Common, seed: 11),
        Draw("water, garden", "086529", DigitFonts.RoundedSans, Slice.Common, seed: 12),
        Draw("gas, cellar", "317048", DigitFonts.Slab, Slice.Common, seed: 13),
        Draw("electricity, display", "592603", DigitFonts.SevenSegment, Slice.Common, seed: 14),
        Draw("heat, boiler room", "120846", DigitFonts.Block, Slice.Common, seed: 15),
        Draw("water, shaft, glare", "045997", DigitFonts.Counter, Slice.Edge, seed: 21),
        Draw("gas, cabinet, rolling", "713862", DigitFonts.RoundedSans, Slice.Edge, seed: 22),
        Draw("water, flooded pit", "268305", DigitFonts.Counter, Slice.Adversarial, seed: 31),
    ];

    /// <summary>A strip of windows in a PGM file.</summary>
    /// <exception cref="InvalidDataException">Not such a file.</exception>
    public static Meter FromFile(string path) =>
        new(Path.GetFileNameWithoutExtension(path), GrayMap.ReadStrip(File.ReadAllBytes(path)), Expected: "", MustMatch: false);

    private static Meter Draw(string name, string reading, DigitFont font, Slice slice, ulong seed) =>
        new(name, MeterStrip.Render(reading, font, slice, seed), reading, MustMatch: slice == Slice.Common);
}
