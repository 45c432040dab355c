using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Judges single floors. Independent scores of 0 and 1 get score intervals, other means the cluster-robust t interval from twenty clusters
/// on, everything else the paired bootstrap.
/// </summary>
/// <param name="cases">The cases.</param>
/// <param name="measurements">What was measured on them.</param>
/// <param name="outcomes">What happened on each slice; null for a task whose answers are not right or wrong.</param>
/// <param name="overall">What happened on all cases, or null as well.</param>
/// <param name="rid">What the verdict is for.</param>
/// <param name="cache">Keeps resamples.</param>
/// <param name="profile">The resource profile that was measured under; null for answers.</param>
internal sealed class FloorJudge(
    CaseSet cases, IReadOnlyList<Measurement> measurements, IReadOnlyList<PairedOutcome>? outcomes, PairedOutcome? overall, string rid, IEvaluationCache cache,
    MeasuredProfile? profile = null)
{
    private const int AllCases = -1;
    private const string NotANumber = "it is not a number on these cases";

    private readonly Lazy<SampleFrame> _all = new(() => SampleFrame.Of(cases, _ => true));
    private readonly SampleFrame[] _slices = [.. cases.Slices.Select((_, slice) => SampleFrame.Of(cases, i => cases.IsIn(i, slice)))];

    /// <summary>Judges a floor on every slice that it names; what was measured of a model as a whole is judged once.</summary>
    public IEnumerable<FloorCheck> Judge(Floor floor)
    {
        var measurement = measurements.FirstOrDefault(one => one.Dimension.Name == floor.Dimension);
        if (floor.Slice == SliceName.Every && measurement is not null && profile is not null && (measurement.Repeats is not null || measurement is ExactMeasurement))
            return [Judge(floor, AllCases)];
        return from slice in Enumerable.Range(0, cases.Slices.Count)
               where floor.Slice == cases.Slices[slice] || (floor.Slice == SliceName.Every && (profile is null || cases.TimedSlices.Contains(cases.Slices[slice])))
               select Judge(floor, slice);
    }

    private FloorCheck Judge(Floor floor, int slice)
    {
        var outcome = slice == AllCases ? null : outcomes?[slice];
        var measurement = measurements.FirstOrDefault(one => one.Dimension.Name == floor.Dimension);
        var frame = Frame(measurement, slice == AllCases ? null : slice);
        var chance = floor.Chance?.On(cases, slice);
        var name = profile?.Name ?? floor.Profile;
        var check = new FloorCheck
        {
            Dimension = floor.Dimension,
            Slice = slice == AllCases ? SliceName.Every : cases.Slices[slice],
            Profile = name,
            State = profile?.Record.State,
            Kind = floor.Kind,
            Mode = floor.Mode,
            Threshold = floor.Threshold,
            Confidence = floor.Confidence,
            Result = CheckResult.NotMeasured,
            Estimate = 0,
            Bound = 0,
            Parent = Finite(measurement?.Parent(frame.Cases)),
            Candidate = Finite(measurement?.Candidate(frame.Cases)),
            Cases = frame.Count,
            RightToWrong = outcome?.RightToWrong ?? 0,
            WrongToRight = outcome?.WrongToRight ?? 0,
            Clusters = frame.Clusters.Count < frame.Count ? frame.Clusters.Count : null,
            Chance = chance,
            Floor = floor.Id,
            Line = floor.Location.Line,
            Column = floor.Location.Column,
            File = floor.Location.File,
            Message = "",
        };
        var target = name is null ? rid : $"{rid}/{name}";
        FloorCheck NotJudged(CheckResult result, string reason) =>
            check with { Result = result, Message = FloorMessage.NotJudged(target, check.Dimension, check.Slice, reason) };

        if (profile is { Record: { State: MeasurementState.NotMeasured, Reason: var why } }) return NotJudged(CheckResult.NotMeasured, why ?? "nothing was measured");
        if (measurement is null) return NotJudged(CheckResult.NotMeasured, "nothing measures it");
        if (measurement.JudgeFault is { } invalid) return NotJudged(CheckResult.JudgeInvalid, $"judge invalid: {invalid}");
        if (Obstacle(floor, measurement, frame) is { } obstacle) return NotJudged(CheckResult.NotMeasured, obstacle);
        if (Fault(floor, measurement, frame, floor.Kind == FloorKind.SliceGap ? overall : outcome) is { } fault) return NotJudged(CheckResult.Error, fault);
        if (chance is { } level && Uninformative(measurement, frame, level) is { } standardError)
            return check with { Result = CheckResult.Inconclusive, Message = FloorMessage.Uninformative(target, check, standardError) };

        var evidence = Evidence(floor, measurement, frame, check.Slice, chance);
        if (!double.IsFinite(evidence.Estimate)) return NotJudged(CheckResult.Error, NotANumber);
        // A metric that has no end has no bound either when too many resamples are without a value.
        if (!double.IsFinite(evidence.Bound)) return NotJudged(CheckResult.NotMeasured, "too few cases: many drawings of them have no value");
        var noise = floor.Mode == FloorMode.Point || evidence.OtherBound is null || measurement.Repeats is not null ? null : profile?.Latency?.Instability;
        var result = noise is not null ? CheckResult.Inconclusive
            : !floor.IsCleared(evidence.Estimate) && (floor.Mode == FloorMode.Point || !floor.IsCleared(evidence.OtherBound ?? evidence.Estimate)) ? CheckResult.Fail
            : floor.Mode == FloorMode.Point || measurement is ExactMeasurement || floor.IsSure(evidence.Bound) ? CheckResult.Pass
            : CheckResult.Inconclusive;
        check = check with
        {
            Result = result,
            Estimate = evidence.Estimate,
            Bound = evidence.Bound,
            OtherBound = evidence.OtherBound,
            Method = evidence.Method,
            CasesNeeded = result == CheckResult.Inconclusive ? evidence.CasesNeeded() : null,
        };
        return check with { Message = FloorMessage.Judged(target, check, noise, profile?.Record) };
    }

    private FloorEvidence Evidence(Floor floor, Measurement measurement, SampleFrame frame, string slice, double? chance)
    {
        var looksAt = floor.Kind == FloorKind.SliceGap ? Frame(measurement, null) : frame;
        if (measurement is ExactMeasurement)
        {
            var value = new FloorQuantity(floor, measurement, frame.Cases, 0).On(looksAt.Cases);
            return new FloorEvidence(value, value, "exact", () => null);
        }
        if (measurement is MeanMeasurement { IsBinary: true } binary && floor.Kind != FloorKind.MaxRatio && !looksAt.IsClustered)
            return BinaryEvidence.Of(floor, binary.Dimension, PairedCounts.Of(binary, frame.Cases), PairedCounts.Of(binary, looksAt.Cases), chance);
        string Identity(string side) => FormattableString.Invariant($"{measurement.Definition ?? measurement.Dimension.Name}/{slice}/{floor.Kind}/{chance}{side}");
        var quantity = new FloorQuantity(floor, measurement, frame.Cases, chance ?? 0);
        if (profile is not null) return MeasuredEvidence.Of(floor, quantity, looksAt, (side, draw) => cache.Resamples(Identity($"/{side}"), draw));
        if (measurement is JudgedMeasurement judged) return JudgedEvidence.Of(floor, quantity, judged, frame);
        return measurement is MeanMeasurement mean && floor.Kind != FloorKind.MaxRatio && frame.Clusters.Count >= ClusterRobustTInterval.FewestClusters
            ? ClusteredEvidence.Of(floor, quantity, mean, frame, looksAt, chance ?? 0)
            : ResampledEvidence.Of(floor, quantity, looksAt, frame.Clusters.Count, draw => cache.Resamples(Identity(""), draw));
    }

    /// <summary>The cases of a slice, or all of them, that say something about a measurement.</summary>
    private SampleFrame Frame(Measurement? measurement, int? slice) => measurement?.Repeats is { } repeats ? SampleFrame.OfRepeats(repeats)
        : measurement?.Applies is { } applies ? SampleFrame.Of(cases, i => applies[i] && (slice is null || cases.IsIn(i, slice.Value)))
        : slice is { } one ? _slices[one] : _all.Value;

    private string? Obstacle(Floor floor, Measurement measurement, SampleFrame frame)
    {
        if (frame.Cases.Length == 0) return "no case of the slice says anything about it";
        if (frame.Count < floor.MinCases) return $"{frame.Count} cases, at least {floor.MinCases} are asked for";
        if (floor.Kind == FloorKind.SliceGap && frame.Cases.Length == Frame(measurement, null).Cases.Length) return "no case lies outside the slice, so there is no gap";
        var needsSpread = measurement is not ExactMeasurement && (measurement is not MeanMeasurement { IsBinary: true } || frame.IsClustered);
        return needsSpread && frame.Clusters.Count < 2 ? "all cases are one cluster" : null;
    }

    private string? Fault(Floor floor, Measurement measurement, SampleFrame frame, PairedOutcome? outcome)
    {
        if (outcome is { ParentErrors: > 0 }) return $"{outcome.ParentErrors} of {outcome.Cases} outputs of the dense parent are not finite";
        if (outcome is not null && outcome.CandidateErrors > Gate.CandidateErrorBudget * outcome.Cases)
            return $"{outcome.CandidateErrors} of {outcome.Cases} outputs of the candidate are not finite";
        var needed = floor.Kind == FloorKind.SliceGap ? Frame(measurement, null).Cases : frame.Cases;
        // A parent that is too large for a profile says nothing against the candidate's own figures.
        var needsParent = profile is null || floor.Kind is not (FloorKind.Minimum or FloorKind.Maximum);
        if ((needsParent && !double.IsFinite(measurement.Parent(needed))) || !double.IsFinite(measurement.Candidate(needed))) return measurement.Why(needed) ?? NotANumber;
        if (floor is not ({ Kind: FloorKind.Retention, Chance: null } or { Kind: FloorKind.MaxRatio })) return null;
        if (measurement.Parent(frame.Cases) > 0) return null;
        return measurement.Dimension == Dimension.Accuracy ? "the dense parent has no case right" : "the dense parent is not above 0";
    }

    /// <summary>The standard error of a parent that is too near to chance, or null.</summary>
    private static double? Uninformative(Measurement measurement, SampleFrame frame, double chance)
    {
        var accuracy = measurement.Parent(frame.Cases);
        var standardError = frame.IsClustered
            ? ClusteredEvidence.ParentError((MeanMeasurement)measurement, frame)
            : AdjustedRetentionInterval.StandardError(accuracy * frame.Cases.Length, frame.Cases.Length);
        var isInformative = accuracy > chance && accuracy - chance >= AdjustedRetentionInterval.InformativeErrors * standardError;
        return isInformative ? null : standardError;
    }

    private static double Finite(double? value) => value is { } number && double.IsFinite(number) ? number : 0;
}
