namespace PruneBuild.Evaluation;

/// <summary>
/// Judges a candidate by the floors of a harness. Parent and candidate answered the same cases, so everything relative is paired.
/// All floors must be cleared, each at its own confidence: a candidate that misses one ships with at most the chance of that one
/// (intersection-union test: R. L. Berger, Technometrics 24 (1982) 295-300), so no correction for their number is made. A correction
/// such as Holm's is for alarms, where one of many is enough.
/// </summary>
public static class Gate
{
    /// <summary>A candidate without a finite output for more than this share of a slice is broken, not merely worse.</summary>
    public const double CandidateErrorBudget = 0.01;

    /// <summary>Judges every floor on every slice it names.</summary>
    /// <param name="harness">The floors.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="parent">What the dense parent answered.</param>
    /// <param name="candidate">What the candidate answered.</param>
    /// <param name="rid">What the verdict is for, such as <c>linux-arm64</c>; it starts every message.</param>
    public static Verdict Judge(Harness harness, CaseSet cases, Predictions parent, Predictions candidate, string rid)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(candidate);
        if (parent.Count != cases.Count) throw new ArgumentException($"{parent.Count} predictions for {cases.Count} cases", nameof(parent));
        if (candidate.Count != cases.Count) throw new ArgumentException($"{candidate.Count} predictions for {cases.Count} cases", nameof(candidate));

        PairedOutcome[] slices =
            [.. cases.Slices.Select((name, slice) => PairedOutcome.Count(name, cases, parent, candidate, i => cases.SliceOf[i] == slice))];
        var overall = PairedOutcome.Count(SliceName.Every, cases, parent, candidate, _ => true);
        var measurements = ClassificationMeasurements.Of(
            cases, parent, candidate, dimension => harness.Floors.Any(floor => floor.Dimension == dimension.Name));
        var judge = new FloorJudge(cases, measurements, slices, overall, rid);
        FloorCheck[] checks =
        [
            .. JudgeFloors(harness, cases, judge),
            .. CriticalCheck.Judge(harness, cases, parent, candidate, rid),
        ];
        return new Verdict
        {
            Rid = rid,
            Task = harness.Task,
            Harness = Path.GetFileName(harness.File),
            Result = checks.Select(check => check.Result).DefaultIfEmpty(CheckResult.Pass).Max(),
            Checks = checks,
            Slices = slices,
            Overall = overall,
            ParentConfusion = ConfusionCell.Tabulate(cases, parent),
            CandidateConfusion = ConfusionCell.Tabulate(cases, candidate),
        };
    }

    /// <summary>Judges every floor on every slice it names by scores of any kind; critical cases are not looked at.</summary>
    /// <param name="harness">The floors.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="measurements">The dimensions that were measured on them.</param>
    /// <param name="rid">What the verdict is for; it starts every message.</param>
    public static IReadOnlyList<FloorCheck> Judge(Harness harness, CaseSet cases, IReadOnlyList<Measurement> measurements, string rid)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(measurements);
        return [.. JudgeFloors(harness, cases, new FloorJudge(cases, measurements, outcomes: null, overall: null, rid))];
    }

    private static IEnumerable<FloorCheck> JudgeFloors(Harness harness, CaseSet cases, FloorJudge judge) =>
        from floor in harness.Floors
        from slice in Enumerable.Range(0, cases.Slices.Count)
        where floor.Slice == SliceName.Every || floor.Slice == cases.Slices[slice]
        select judge.Judge(floor, slice);
}
