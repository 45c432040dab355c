using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Performance;

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

        var measurements = ClassificationMeasurements.Of(
            cases, parent, candidate, dimension => harness.Floors.Any(floor => floor.Dimension == dimension.Name));
        return Judge(harness, cases, parent, candidate, CriticalAnswers.Of(cases, parent, candidate, rid), measurements, rid, NoCache.Instance);
    }

    /// <summary>Measures everything that the harness asks for and judges every floor on every slice it names.</summary>
    /// <param name="harness">The floors.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="models">What was learned by running parent and candidate.</param>
    /// <param name="rid">What the verdict is for; it starts every message.</param>
    /// <param name="cache">Keeps scores and resamples; null keeps nothing.</param>
    /// <returns>The verdict, and the answers of parent and candidate where the task has any.</returns>
    /// <exception cref="PruneBuildException">PB5020 when a user's scorer failed.</exception>
    public static (Verdict Verdict, Predictions? Parent, Predictions? Candidate) Judge(
        Harness harness, CaseSet cases, EvaluatedModels models, string rid, IEvaluationCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(models);
        // A floor on a slice that nobody knows the cases of must not pass as one that is not there.
        if (!cases.KnowsContexts) throw new ArgumentException("the tokens of the prompts were not counted", nameof(cases));
        cache ??= NoCache.Instance;
        var inputs = new ScorerInputs(harness, cases, models);
        var measurements = TaskMeasurements.Of(harness, cases, models, inputs, cache);
        var profiles = Profiles(harness, cases, models, inputs, cache);
        var critical = inputs is { ParentAnswers: { } parent, CandidateAnswers: { } candidate } ? CriticalAnswers.Of(cases, parent, candidate, rid)
            : harness.Kind == TaskKind.Generation && cases.Critical.Count > 0 ? CriticalAnswers.Of(inputs.Writing.AllChecks(), rid)
            : null;
        var verdict = Judge(harness, cases, inputs.ParentAnswers, inputs.CandidateAnswers, critical, measurements, rid, cache, profiles);
        return (verdict with
        {
            Scores = [.. MeasuredScore.Of(cases, measurements, cases.Slices), .. profiles.SelectMany(one => MeasuredScore.Of(cases, one.Measurements, cases.TimedSlices).Select(score => score with { Profile = one.Name }))],
            Profiles = profiles.Count > 0 ? [.. profiles.Select(one => ProfileStatement.Of(one.Record, one.Latency))] : null,
            Judges = Statements(harness, models),
        }, inputs.ParentAnswers, inputs.CandidateAnswers);
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
        return [.. JudgeFloors(harness, new FloorJudge(cases, measurements, outcomes: null, overall: null, rid, NoCache.Instance), [])];
    }

    private static IReadOnlyList<MeasuredProfile> Profiles(Harness harness, CaseSet cases, EvaluatedModels models, ScorerInputs inputs, IEvaluationCache cache)
    {
        if (!harness.IsProfiled) return [];
        var records = models.Performance?.Invoke() ?? [.. harness.Profiles.Select(profile => PerformanceRecord.NotMeasured(profile, "", "nothing measures here"))];
        return [.. records.Select(record => new MeasuredProfile(
            record, TaskMeasurements.Of(harness, cases, models, inputs, cache, record), record.Compare(harness.Performance.Latency, cache)))];
    }

    // Only of judges that something was asked of: the rest was never opened.
    private static JudgeStatement[]? Statements(Harness harness, EvaluatedModels models)
    {
        if (models.Judges is not { } judges) return null;
        var names = harness.Floors.Select(floor => floor.Dimension).Concat(harness.Dimensions.SelectMany(dimension => dimension.Scorers).Select(part => part.Scorer));
        JudgeStatement[] statements = [.. harness.Judges.Where(judge => names.Contains(judge.Scorer)).Select(judge => judges(judge).Statement)];
        return statements.Length > 0 ? statements : null;
    }

    private static Verdict Judge(
        Harness harness, CaseSet cases, Predictions? parent, Predictions? candidate, CriticalAnswers? critical, IReadOnlyList<Measurement> measurements, string rid,
        IEvaluationCache cache, IReadOnlyList<MeasuredProfile>? profiles = null)
    {
        PairedOutcome Count(string slice, Func<int, bool> include) => parent is not null && candidate is not null
            ? PairedOutcome.Count(slice, cases, parent, candidate, include)
            : PairedOutcome.None(slice);

        PairedOutcome[] slices = [.. cases.Slices.Select((name, slice) => Count(name, i => cases.IsIn(i, slice)))];
        var overall = Count(SliceName.Every, _ => true);
        var hasAnswers = parent is not null && candidate is not null;
        var judge = new FloorJudge(cases, measurements, hasAnswers ? slices : null, hasAnswers ? overall : null, rid, cache);
        FloorCheck[] checks =
        [
            .. JudgeFloors(harness, judge, [.. (profiles ?? []).Select(one => (one.Name, new FloorJudge(cases, one.Measurements, null, null, rid, cache, one)))]),
            .. critical is not null ? CriticalCheck.Judge(harness, cases, critical, rid) : [],
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
            ParentConfusion = hasAnswers ? ConfusionCell.Tabulate(cases, parent!) : [],
            CandidateConfusion = hasAnswers ? ConfusionCell.Tabulate(cases, candidate!) : [],
        };
    }

    // What answers say is the same under every profile and judged once; what is measured is judged under each that the floor names.
    private static IEnumerable<FloorCheck> JudgeFloors(Harness harness, FloorJudge answers, IReadOnlyList<(string? Name, FloorJudge Judge)> profiles) =>
        from floor in harness.Floors
        from judge in profiles.Count > 0 && harness.IsMeasured(floor.Dimension)
            ? profiles.Where(profile => floor.Profile is null || floor.Profile == profile.Name).Select(profile => profile.Judge)
            : [answers]
        from check in judge.Judge(floor)
        select check;
}
