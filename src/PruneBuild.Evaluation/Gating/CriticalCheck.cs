namespace PruneBuild.Evaluation;

/// <summary>Whether parent and candidate have a critical case right, and how it is told when the candidate has not.</summary>
/// <param name="ParentHas">Of the dense parent.</param>
/// <param name="CandidateHas">Of the candidate.</param>
/// <param name="Wrong">The sentence.</param>
internal sealed record CriticalAnswers(Func<CriticalCase, bool> ParentHas, Func<CriticalCase, bool> CandidateHas, Func<CriticalCase, string> Wrong)
{
    /// <summary>By labels.</summary>
    public static CriticalAnswers Of(CaseSet cases, Predictions parent, Predictions candidate, string rid) => new(
        one => parent.Classes[one.Index] == cases.Labels[one.Index],
        one => candidate.Classes[one.Index] == cases.Labels[one.Index],
        one => FloorMessage.CriticalWrong(rid, one.Id, cases.Labels[one.Index], candidate.Classes[one.Index], parent.Classes[one.Index]));

    /// <summary>By the checks of written texts.</summary>
    public static CriticalAnswers Of(CaseValuePair checks, string rid)
    {
        bool ParentHas(CriticalCase one) => checks.Parent.Values[one.Index] == 1;
        return new CriticalAnswers(ParentHas, one => checks.Candidate.Values[one.Index] == 1, one => FloorMessage.CriticalFails(rid, one.Id, ParentHas(one)));
    }
}

/// <summary>
/// Zero tolerance: every critical case must be answered right, also one that the dense parent has wrong. One check says that all are right,
/// or there is one check for each that is not, at the case itself.
/// </summary>
internal static class CriticalCheck
{
    /// <summary>Prefix of the names by which lock and ledger know critical cases.</summary>
    public const string FloorPrefix = "critical/";

    private const string Dimension = "critical";

    public static IEnumerable<FloorCheck> Judge(Harness harness, CaseSet cases, CriticalAnswers answers, string rid)
    {
        if (cases.Critical.Count == 0) return [];
        FloorCheck Check(IReadOnlyCollection<CriticalCase> judged, string slice)
        {
            var wrong = judged.Count(one => !answers.CandidateHas(one));
            return new FloorCheck
            {
                Dimension = Dimension,
                Slice = slice,
                Kind = FloorKind.Critical,
                Mode = FloorMode.Point,
                Threshold = 0,
                Confidence = 1,
                Result = wrong == 0 ? CheckResult.Pass : CheckResult.Fail,
                Estimate = wrong,
                Bound = wrong,
                Parent = (double)judged.Count(answers.ParentHas) / judged.Count,
                Candidate = (double)judged.Count(answers.CandidateHas) / judged.Count,
                Cases = judged.Count,
                RightToWrong = judged.Count(one => answers.ParentHas(one) && !answers.CandidateHas(one)),
                WrongToRight = judged.Count(one => !answers.ParentHas(one) && answers.CandidateHas(one)),
                Line = harness.FloorsAt.Line,
                Column = harness.FloorsAt.Column,
                File = harness.File,
                Message = $"[{rid}] all {judged.Count} critical cases are right",
            };
        }

        var wrong = cases.Critical.Where(one => !answers.CandidateHas(one)).ToList();
        if (wrong.Count == 0) return [Check(cases.Critical, SliceName.Every)];
        return wrong.Select(one => Check([one], cases.Slices[cases.SliceOf[one.Index]]) with
        {
            Floor = FloorPrefix + one.Id,
            Case = one.Id,
            CaseFile = one.File,
            Line = one.Location.Line,
            Column = one.Location.Column,
            File = one.Location.File,
            Message = answers.Wrong(one),
        });
    }
}
