using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Judges a candidate by the floors of a harness. Parent and candidate answered the same cases, so everything relative is paired.
/// All floors must be cleared, each at its own confidence: a candidate that misses one ships with at most the chance of that one
/// (intersection-union test), so no correction for their number is made.
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
        FloorCheck[] checks =
        [
            .. from floor in harness.Floors
               from slice in Enumerable.Range(0, slices.Length)
               where floor.Slice == SliceName.Every || floor.Slice == slices[slice].Slice
               select Judge(floor, slices[slice], floor.Chance?.On(cases, slice), rid),
        ];
        return new Verdict
        {
            Rid = rid,
            Task = harness.Task,
            Harness = Path.GetFileName(harness.File),
            Result = checks.Select(check => check.Result).DefaultIfEmpty(CheckResult.Pass).Max(),
            Checks = checks,
            Slices = slices,
            Overall = PairedOutcome.Count(SliceName.Every, cases, parent, candidate, _ => true),
            ParentConfusion = ConfusionCell.Tabulate(cases, parent),
            CandidateConfusion = ConfusionCell.Tabulate(cases, candidate),
        };
    }

    private static FloorCheck Judge(Floor floor, PairedOutcome outcome, double? chance, string rid)
    {
        var (estimate, bound) = (0.0, 0.0);
        var result = CheckResult.Error;
        var fault = Fault(floor, outcome);
        var isUninformative = fault is null && chance is { } level
            && !AdjustedRetentionInterval.IsInformative(outcome.BothRight + outcome.RightToWrong, outcome.Cases, level);
        if (isUninformative)
        {
            result = CheckResult.Inconclusive;
        }
        else if (fault is null)
        {
            (estimate, bound) = (Estimate(floor, outcome, chance), Bound(floor, outcome, chance, 1));
            result = !IsCleared(floor, estimate) ? CheckResult.Fail
                : floor.Mode == FloorMode.Point || IsSure(floor, bound) ? CheckResult.Pass
                : CheckResult.Inconclusive;
        }
        var check = new FloorCheck
        {
            Dimension = floor.Dimension,
            Slice = outcome.Slice,
            Kind = floor.Kind,
            Mode = floor.Mode,
            Threshold = floor.Threshold,
            Confidence = floor.Confidence,
            Result = result,
            Estimate = estimate,
            Bound = bound,
            Parent = outcome.ParentAccuracy,
            Candidate = outcome.CandidateAccuracy,
            Cases = outcome.Cases,
            RightToWrong = outcome.RightToWrong,
            WrongToRight = outcome.WrongToRight,
            Chance = chance,
            CasesNeeded = result == CheckResult.Inconclusive && !isUninformative ? CasesNeeded(floor, outcome, chance) : null,
            Line = floor.Location.Line,
            Column = floor.Location.Column,
            File = floor.Location.File,
            Message = "",
        };
        return check with
        {
            Message = fault is not null ? FloorMessage.NotJudged(rid, check.Dimension, check.Slice, fault)
                : isUninformative ? FloorMessage.Uninformative(rid, check, AdjustedRetentionInterval.StandardError(outcome.BothRight + outcome.RightToWrong, outcome.Cases))
                : FloorMessage.Judged(rid, check),
        };
    }

    private static string? Fault(Floor floor, PairedOutcome outcome)
    {
        if (outcome.ParentErrors > 0) return $"{outcome.ParentErrors} of {outcome.Cases} outputs of the dense parent are not finite";
        if (outcome.CandidateErrors > CandidateErrorBudget * outcome.Cases)
            return $"{outcome.CandidateErrors} of {outcome.Cases} outputs of the candidate are not finite";
        return floor is { Kind: FloorKind.Retention, Chance: null } && outcome.ParentAccuracy == 0 ? "the dense parent has no case right" : null;
    }

    private static double Estimate(Floor floor, PairedOutcome outcome, double? chance) => floor.Kind switch
    {
        FloorKind.MaxDrop => outcome.Drop,
        FloorKind.Retention when chance is { } level => (outcome.CandidateAccuracy - level) / (outcome.ParentAccuracy - level),
        FloorKind.Retention => (double)(outcome.BothRight + outcome.WrongToRight) / (outcome.BothRight + outcome.RightToWrong),
        _ => outcome.CandidateAccuracy,
    };

    // The bound of a sample that is larger by a factor and otherwise the same.
    private static double Bound(Floor floor, PairedOutcome outcome, double? chance, double factor)
    {
        var (a, b, c) = (factor * outcome.BothRight, factor * outcome.RightToWrong, factor * outcome.WrongToRight);
        return floor.Kind switch
        {
            FloorKind.MaxDrop => -TangoInterval.LowerBound(b, c, factor * outcome.Cases, floor.Confidence),
            FloorKind.Retention when chance is { } level => AdjustedRetentionInterval.LowerBound(a, b, c, factor * outcome.Cases, level, floor.Confidence),
            FloorKind.Retention => RetentionInterval.LowerBound(a, b, c, floor.Confidence),
            _ => WilsonInterval.LowerBound(a + c, factor * outcome.Cases, floor.Confidence),
        };
    }

    private static bool IsCleared(Floor floor, double value) =>
        floor.Kind == FloorKind.MaxDrop ? value <= floor.Threshold : value >= floor.Threshold;

    private static bool IsSure(Floor floor, double bound) =>
        floor.Kind == FloorKind.MaxDrop ? bound < floor.Threshold : bound >= floor.Threshold;

    private static long? CasesNeeded(Floor floor, PairedOutcome outcome, double? chance)
    {
        var n = (double)outcome.Cases;
        var (parent, candidate) = (outcome.ParentAccuracy, outcome.CandidateAccuracy);
        var (distance, meanSquare) = floor.Kind switch
        {
            FloorKind.MaxDrop => (floor.Threshold - outcome.Drop, (outcome.RightToWrong + outcome.WrongToRight) / n),
            FloorKind.Retention => (candidate - floor.Threshold * parent - (1 - floor.Threshold) * (chance ?? 0), MeanSquareOfRetention(floor.Threshold, outcome)),
            _ => (candidate - floor.Threshold, candidate),
        };
        if (distance <= 0) return null;
        var mean = floor.Kind switch { FloorKind.MaxDrop => outcome.Drop, FloorKind.Retention => distance + (1 - floor.Threshold) * (chance ?? 0), _ => candidate };
        var planned = SampleSize.ForMean(Math.Max(0, meanSquare - mean * mean), distance, floor.Confidence);
        return SampleSize.Smallest(Math.Max(planned, outcome.Cases + 1L), cases => IsSure(floor, Bound(floor, outcome, chance, cases / n)));
    }

    // One case scores 1-r when both are right, -r for the parent alone and 1 for the candidate alone.
    private static double MeanSquareOfRetention(double r, PairedOutcome outcome) =>
        (outcome.BothRight * (1 - r) * (1 - r) + outcome.RightToWrong * r * r + outcome.WrongToRight) / outcome.Cases;
}
