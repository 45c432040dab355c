using PruneBuild.Compression.Calibration;
using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Training;

/// <summary>Cases to train on: every input holds one case per entry of its first dimension.</summary>
public sealed record TrainingData
{
    private TrainingData(IReadOnlyDictionary<string, CalibrationTensor> inputs, int cases) => (Inputs, Cases) = (inputs, cases);

    /// <summary>By input name, [cases, ...].</summary>
    public IReadOnlyDictionary<string, CalibrationTensor> Inputs { get; }

    /// <summary>Number of cases.</summary>
    public int Cases { get; }

    /// <summary>Which tokens count, for models with one output per token: [cases, tokens], or null for all.</summary>
    public bool[]? TokenMask { get; init; }

    /// <summary>Joins batches whose shapes differ in the first dimension only.</summary>
    /// <exception cref="PruneBuildException">PB3003: there are none. PB3004: a batch does not fit the first one.</exception>
    public static TrainingData FromBatches(IEnumerable<CalibrationBatch> batches)
    {
        var all = batches.ToList();
        if (all.Count == 0)
            throw new PruneBuildException("PB3003", "training");
        var inputs = all[0].Inputs.Keys.ToDictionary(name => name, name => Join(all, name), StringComparer.Ordinal);
        var cases = inputs.Values.Select(input => input.Shape[0]).Distinct().ToList();
        return cases is [var count] ? new TrainingData(inputs, checked((int)count))
            : throw new PruneBuildException("PB3004", all[0].Source, string.Join(", ", inputs.Keys), "the inputs hold different numbers of cases");
    }

    /// <summary>The cases at some places, in that order: [places, ...].</summary>
    internal CalibrationTensor Rows(string input, ReadOnlySpan<int> places)
    {
        var (data, shape) = Inputs[input];
        var size = data.LongLength / Cases;
        var rows = Array.CreateInstance(data.GetType().GetElementType()!, places.Length * size);
        for (var index = 0; index < places.Length; index++)
            Array.Copy(data, places[index] * size, rows, index * size, size);
        return new CalibrationTensor(rows, [places.Length, .. shape[1..]]);
    }

    private static CalibrationTensor Join(List<CalibrationBatch> batches, string name)
    {
        var first = batches[0].Inputs[name];
        var joined = Array.CreateInstance(
            first.Data.GetType().GetElementType()!, batches.Sum(batch => batch.Inputs.TryGetValue(name, out var tensor) ? tensor.Data.LongLength : 0));
        var (filled, cases) = (0L, 0L);
        foreach (var batch in batches)
        {
            if (!batch.Inputs.TryGetValue(name, out var tensor) || tensor.Data.GetType() != first.Data.GetType()
                || tensor.Shape.Length == 0 || !tensor.Shape.AsSpan(1).SequenceEqual(first.Shape.AsSpan(1)))
                throw new PruneBuildException("PB3004", batch.Source, name, "it differs from the first batch in type or shape");
            Array.Copy(tensor.Data, 0L, joined, filled, tensor.Data.LongLength);
            (filled, cases) = (filled + tensor.Data.LongLength, cases + tensor.Shape[0]);
        }
        return new CalibrationTensor(joined, [cases, .. first.Shape[1..]]);
    }
}
