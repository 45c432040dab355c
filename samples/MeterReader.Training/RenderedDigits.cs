using MeterReader.Rendering;

namespace MeterReader.Training;

/// <summary>Windows of one series, row-major, one after the other, with their labels.</summary>
internal sealed record RenderedDigits(byte[] Images, byte[] Labels)
{
    public int Count => Labels.Length;

    /// <summary>Renders windows whose seeds depend only on the series and the index, so that any thread count gives the same bytes.</summary>
    public static RenderedDigits Render(ulong series, int count, Func<int, Slice> sliceOf)
    {
        var digits = new RenderedDigits(new byte[count * DigitRenderer.Pixels], new byte[count]);
        Parallel.For(0, count, index =>
        {
            var scene = SceneSampler.Sample(sliceOf(index), SplitMix64.SeedOf(series, index));
            DigitRenderer.Render(scene).CopyTo(digits.Images, index * DigitRenderer.Pixels);
            digits.Labels[index] = (byte)scene.Label;
        });
        return digits;
    }
}
