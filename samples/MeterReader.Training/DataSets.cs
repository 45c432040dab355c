using MeterReader.Rendering;

namespace MeterReader.Training;

/// <summary>The series of renders. Different series draw different seeds, so no window is in two sets.</summary>
internal static class DataSets
{
    private const ulong CalibrationSeries = 2;
    private const ulong CaseSeries = 100;

    public static IReadOnlyList<(Slice Slice, int Count)> CaseCounts { get; } =
        [(Slice.Common, 1000), (Slice.Edge, 800), (Slice.Adversarial, 600)];

    public static RenderedDigits Training(int seed, int count) => RenderedDigits.Render(1000 + (ulong)seed, count, TrainingMix);

    public static RenderedDigits Calibration() => RenderedDigits.Render(CalibrationSeries, 2000, TrainingMix);

    public static RenderedDigits Cases(Slice slice, int count) => RenderedDigits.Render(CaseSeries + (ulong)slice, count, _ => slice);

    /// <summary>30 % common, 40 % edge, 30 % adversarial.</summary>
    private static Slice TrainingMix(int index) => (index % 10) switch
    {
        < 3 => Slice.Common,
        < 7 => Slice.Edge,
        _ => Slice.Adversarial,
    };
}
