namespace PruneBuild.Evaluation;

/// <summary>What the dense parent scored on a slice when the harness was locked.</summary>
/// <param name="Slice">The slice; <c>*</c> for all cases.</param>
/// <param name="Cases">Number of cases.</param>
/// <param name="Scores">Value by dimension.</param>
public sealed record LockedScores(string Slice, int Cases, IReadOnlyDictionary<string, double> Scores)
{
    /// <summary>Measures the dense parent of a classifier on every slice and on all cases.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="parent">What the parent answered.</param>
    public static IReadOnlyList<LockedScores> Of(CaseSet cases, Predictions parent)
    {
        ArgumentNullException.ThrowIfNull(cases);
        return Of(cases, ClassificationMeasurements.Of(cases, parent, parent, _ => true));
    }

    /// <summary>Measures the dense parent by everything that the harness asks for, and a classifier by its dimensions.</summary>
    /// <param name="harness">The harness.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="parent">What was learned by running the parent, which stands for the candidate too.</param>
    public static IReadOnlyList<LockedScores> Of(Harness harness, CaseSet cases, EvaluatedModels parent)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(parent);
        var inputs = new ScorerInputs(harness, cases, parent);
        var measured = TaskMeasurements.Of(harness, cases, parent, inputs, NoCache.Instance);
        var answers = inputs.ParentAnswers is { } own ? ClassificationMeasurements.Of(cases, own, own, one => Dimension.Of(harness.Kind).Contains(one)) : [];
        return Of(cases, [.. answers.Concat(measured).DistinctBy(measurement => measurement.Dimension.Name)]);
    }

    private static IReadOnlyList<LockedScores> Of(CaseSet cases, IReadOnlyList<Measurement> measurements)
    {
        // What compares with the parent says nothing about the parent alone.
        string[] relative = [Dimension.Agreement.Name, Dimension.Flips.Name, Dimension.RightToWrong.Name];
        LockedScores Scores(string slice, Func<int, bool> include)
        {
            int[] selected = [.. Enumerable.Range(0, cases.Count).Where(include)];
            return new LockedScores(slice, cases.CountWhole(selected), measurements
                .Where(measurement => !relative.Contains(measurement.Dimension.Name))
                .Select(measurement => (measurement.Dimension.Name, Value: measurement.JudgeFault is null ? measurement.Parent(measurement.Among(selected)) : double.NaN))
                .Where(measured => double.IsFinite(measured.Value))
                .ToDictionary(measured => measured.Name, measured => measured.Value));
        }

        return [.. cases.Slices.Select((slice, index) => Scores(slice, i => cases.IsIn(i, index))), Scores(SliceName.Every, _ => true)];
    }
}
