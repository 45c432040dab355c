namespace HomeAssistant.Language;

/// <summary>The series of sentences.</summary>
public static class ExampleSets
{
    private const ulong TrainingSeries = 1;
    private const ulong CalibrationSeries = 2;
    private const ulong GateSeries = 100;

    /// <summary>How many sentences of each slice the gate has.</summary>
    public static IReadOnlyList<(Slice Slice, int Count)> GateCounts { get; } = [(Slice.Common, 400), (Slice.Edge, 300), (Slice.Adversarial, 200)];

    /// <summary>Endless sentences to train on: half common, 28 % edge, 22 % adversarial.</summary>
    /// <param name="first">Where in the series to start.</param>
    public static IEnumerable<Example> Training(int first = 0) => Series(TrainingSeries, first, Split.Training, TrainingSlice);

    /// <summary>Endless sentences for calibration, in the mix of the training or of one slice.</summary>
    public static IEnumerable<Example> Calibration(Slice? only = null) => Series(CalibrationSeries, 0, Split.Calibration, index => only ?? TrainingSlice(index));

    /// <summary>The sentences that judge a model, none of them twice.</summary>
    public static IReadOnlyList<Example> Gate(Slice slice, int count) =>
        [.. Series(GateSeries + (ulong)slice, 0, Split.Gate, _ => slice).DistinctBy(example => example.Sentence.ToUpperInvariant()).Take(count)];

    private static IEnumerable<Example> Series(ulong series, int first, Split split, Func<int, Slice> slice)
    {
        for (var index = first; ; index++)
        {
            var example = ExampleSampler.Sample(slice(index), SplitMix64.SeedOf(series, index));
            if (Splits.Of(example.Sentence) == split)
                yield return example;
        }
    }

    private static Slice TrainingSlice(int index) => (index % 50) switch { < 25 => Slice.Common, < 39 => Slice.Edge, _ => Slice.Adversarial };
}
