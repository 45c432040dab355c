using System.Globalization;

namespace PruneBuild.Evaluation.Reports;

/// <summary>A floor as test runners know results.</summary>
internal enum FloorOutcome
{
    Passed,
    Failed,
    Errored,
    Skipped,
}

/// <summary>What every test-result format says about a floor.</summary>
internal static class FloorFacts
{
    /// <summary>
    /// Failed where the build fails, so that no two places disagree, except for what was never measured. Anything else that is not cleared,
    /// such as a waived or an inconclusive floor that only warns, is neither passed nor failed.
    /// </summary>
    public static FloorOutcome Outcome(FloorRow floor) =>
        floor.Blocks && floor.Result != "notMeasured" ? floor.Result is "error" or "judgeInvalid" ? FloorOutcome.Errored : FloorOutcome.Failed
        : floor.State.Rank == 0 ? FloorOutcome.Passed
        : FloorOutcome.Skipped;

    /// <summary>A name that stays the same while the floor does; floors that would share one are numbered.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<FloorRow> floors)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return
        [
            .. floors.Select(floor =>
            {
                var name = XmlText.Clean($"{floor.Subject}: {floor.Requirement}");
                seen[name] = seen.GetValueOrDefault(name) + 1;
                return seen[name] == 1 ? name : $"{name} ({seen[name]})";
            }),
        ];
    }

    /// <summary>The numbers behind a floor.</summary>
    public static IEnumerable<(string Name, string Value)> Numbers(FloorRow floor)
    {
        var check = floor.Check;
        yield return ("n", check.Cases.ToString(CultureInfo.InvariantCulture));
        yield return ("threshold", Exact(check.Threshold));
        if (floor.HasValue)
        {
            yield return ("estimate", Exact(check.Estimate));
            yield return (floor.IsUpperLimit ? "upperBound" : "lowerBound", Exact(check.Bound));
            yield return ("confidence", Exact(check.Confidence));
            yield return ("headroom", Exact(floor.Headroom));
        }
        yield return ("parent", Exact(check.Parent));
        yield return ("candidate", Exact(check.Candidate));
        yield return ("delta", Exact(check.Candidate - check.Parent));
        yield return ("rightToWrong", check.RightToWrong.ToString(CultureInfo.InvariantCulture));
        yield return ("wrongToRight", check.WrongToRight.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Where the verdict comes from: hashes of everything, the candidate's key and the tool.</summary>
    public static IEnumerable<(string Name, string Value)> Provenance(EvaluationReport report)
    {
        yield return ("model", report.Name);
        yield return ("rid", report.Verdict.Rid);
        yield return ("device", report.Device);
        yield return ("tool", report.Tool);
        yield return ("verdict", Headline.Of(report).Word);
        yield return ("candidate.key", report.CandidateKey);
        foreach (var input in report.Inputs) yield return ($"sha256:{input.Path}", input.Sha256);
    }

    /// <summary>The message with the change against the parent and what one can do about it.</summary>
    public static string Explanation(FloorRow floor)
    {
        var check = floor.Check;
        return XmlText.Clean(string.Join('\n',
            check.Message,
            $"required: {floor.Requirement}, {(check.Mode == FloorMode.Point ? "by the measured value" : $"by the bound at {Phrase.Number(check.Confidence * 100)} % confidence")}",
            floor.HasValue ? $"measured: {FloorRow.Value(check.Estimate)}, bound {FloorRow.Value(check.Bound)}, headroom {FloorRow.Value(floor.Headroom)}" : "measured: no value",
            $"candidate {FloorRow.Value(check.Candidate)}, dense parent {FloorRow.Value(check.Parent)}: {Phrase.Change(check.Candidate - check.Parent)} on {Phrase.Count(check.Cases, "case")}",
            $"{Phrase.Count(check.RightToWrong, "case")} lost, {Phrase.Count(check.WrongToRight)} won"));
    }

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
