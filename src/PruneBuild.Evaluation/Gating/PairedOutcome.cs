using Newtonsoft.Json;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Evaluation;

/// <summary>What parent and candidate did on the same cases of a slice, or of all slices together.</summary>
/// <param name="Slice">The slice's name; <c>*</c> for all cases.</param>
/// <param name="BothRight">Cases that both have right.</param>
/// <param name="RightToWrong">Cases that only the parent has right.</param>
/// <param name="WrongToRight">Cases that only the candidate has right.</param>
/// <param name="BothWrong">Cases that neither has right.</param>
/// <param name="ChangedAnswers">Cases that the two answer differently, right or wrong.</param>
/// <param name="ParentErrors">Cases that the parent gives no finite output for.</param>
/// <param name="CandidateErrors">The same for the candidate.</param>
public sealed record PairedOutcome(
    string Slice,
    int BothRight,
    int RightToWrong,
    int WrongToRight,
    int BothWrong,
    int ChangedAnswers,
    int ParentErrors,
    int CandidateErrors)
{
    /// <summary>Number of cases.</summary>
    public int Cases => BothRight + RightToWrong + WrongToRight + BothWrong;

    /// <summary>The parent's share of right answers.</summary>
    public double ParentAccuracy => Cases == 0 ? 0 : (double)(BothRight + RightToWrong) / Cases;

    /// <summary>The candidate's share of right answers.</summary>
    public double CandidateAccuracy => Cases == 0 ? 0 : (double)(BothRight + WrongToRight) / Cases;

    /// <summary>Two-sided mid-p value of "both are equally good", for the report; no floor depends on it.</summary>
    public double McNemarMidP => McNemarTest.MidP(RightToWrong, WrongToRight);

    /// <summary>Parent minus candidate accuracy.</summary>
    [JsonIgnore]
    public double Drop => Cases == 0 ? 0 : (double)(RightToWrong - WrongToRight) / Cases;

    /// <summary>The slice of a task whose answers are not right or wrong: nothing is counted.</summary>
    internal static PairedOutcome None(string slice) => new(slice, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Counts the cases that <paramref name="include"/> says belong to the slice. No finite output is a wrong answer.</summary>
    internal static PairedOutcome Count(string slice, CaseSet cases, Predictions parent, Predictions candidate, Func<int, bool> include)
    {
        int bothRight = 0, rightToWrong = 0, wrongToRight = 0, bothWrong = 0, changed = 0, parentErrors = 0, candidateErrors = 0;
        for (var i = 0; i < cases.Count; i++)
        {
            if (!include(i)) continue;
            var (label, before, after) = (cases.Labels[i], parent.Classes[i], candidate.Classes[i]);
            if (before == label && after == label) bothRight++;
            else if (before == label) rightToWrong++;
            else if (after == label) wrongToRight++;
            else bothWrong++;
            if (before != after) changed++;
            if (before == Predictions.NotFinite) parentErrors++;
            if (after == Predictions.NotFinite) candidateErrors++;
        }
        return new PairedOutcome(slice, bothRight, rightToWrong, wrongToRight, bothWrong, changed, parentErrors, candidateErrors);
    }
}
