namespace PruneBuild.Evaluation;

/// <summary>
/// Zero tolerance: every critical case must be answered right, also one that the dense parent has wrong. One check says that all are right,
/// or there is one check for each that is not, at the case itself.
/// </summary>
internal static class CriticalCheck
{
    /// <summary>Prefix of the names by which lock and ledger know critical cases.</summary>
    public const string FloorPrefix = "critical/";

    private const string Dimension = "critical";

    public static IEnumerable<FloorCheck> Judge(Harness harness, CaseSet cases, Predictions parent, Predictions candidate, string rid)
    {
        if (cases.Critical.Count == 0) return [];
        FloorCheck Check(IReadOnlyCollection<CriticalCase> judged, string slice)
        {
            bool ParentHas(CriticalCase one) => parent.Classes[one.Index] == cases.Labels[one.Index];
            bool CandidateHas(CriticalCase one) => candidate.Classes[one.Index] == cases.Labels[one.Index];
            var wrong = judged.Count(one => !CandidateHas(one));
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
                Parent = (double)judged.Count(ParentHas) / judged.Count,
                Candidate = (double)judged.Count(CandidateHas) / judged.Count,
                Cases = judged.Count,
                RightToWrong = judged.Count(one => ParentHas(one) && !CandidateHas(one)),
                WrongToRight = judged.Count(one => !ParentHas(one) && CandidateHas(one)),
                Line = harness.FloorsAt.Line,
                Column = harness.FloorsAt.Column,
                File = harness.File,
                Message = $"[{rid}] all {judged.Count} critical cases are right",
            };
        }

        var wrong = cases.Critical.Where(one => candidate.Classes[one.Index] != cases.Labels[one.Index]).ToList();
        if (wrong.Count == 0) return [Check(cases.Critical, SliceName.Every)];
        return wrong.Select(one => Check([one], cases.Slices[cases.SliceOf[one.Index]]) with
        {
            Floor = FloorPrefix + one.Id,
            Case = one.Id,
            CaseFile = one.File,
            Line = one.Location.Line,
            Column = one.Location.Column,
            File = one.Location.File,
            Message = FloorMessage.CriticalWrong(rid, one.Id, cases.Labels[one.Index], candidate.Classes[one.Index], parent.Classes[one.Index]),
        });
    }
}
