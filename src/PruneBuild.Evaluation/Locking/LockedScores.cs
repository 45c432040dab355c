namespace PruneBuild.Evaluation;

/// <summary>What the dense parent scored on a slice when the harness was locked.</summary>
/// <param name="Slice">The slice; <c>*</c> for all cases.</param>
/// <param name="Cases">Number of cases.</param>
/// <param name="Scores">Value by dimension.</param>
public sealed record LockedScores(string Slice, int Cases, IReadOnlyDictionary<string, double> Scores)
{
    /// <summary>Measures the dense parent on every slice and on all cases.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="parent">What the parent answered.</param>
    public static IReadOnlyList<LockedScores> Of(CaseSet cases, Predictions parent)
    {
        ArgumentNullException.ThrowIfNull(cases);
        // What compares with the parent says nothing about the parent alone.
        var measurements = ClassificationMeasurements.Of(
            cases, parent, parent, dimension => dimension != Dimension.Agreement && dimension != Dimension.Flips && dimension != Dimension.RightToWrong);
        LockedScores Scores(string slice, Func<int, bool> include)
        {
            int[] selected = [.. Enumerable.Range(0, cases.Count).Where(include)];
            return new LockedScores(
                slice, selected.Length, measurements.ToDictionary(measurement => measurement.Dimension.Name, measurement => measurement.Parent(selected)));
        }
        return [.. cases.Slices.Select((slice, index) => Scores(slice, i => cases.SliceOf[i] == index)), Scores(SliceName.Every, _ => true)];
    }
}
