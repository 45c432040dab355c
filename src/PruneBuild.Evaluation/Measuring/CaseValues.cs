using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>What a scorer gave for every case of one model.</summary>
/// <param name="Values">One number a case; NaN where there is none.</param>
/// <param name="Reason">Why the first case without a number has none; null when all have one.</param>
public sealed record CaseValues(double[] Values, string? Reason)
{
    /// <summary>The score of one case.</summary>
    public Score this[int index] => double.IsNaN(Values[index]) ? Score.NotMeasured(Reason ?? "nothing was measured") : Score.Of(Values[index]);

    /// <summary>From scores in the order of the cases.</summary>
    internal static CaseValues Of(IEnumerable<Score> scores)
    {
        string? reason = null;
        double[] values =
        [
            .. scores.Select((score, index) =>
            {
                if (!score.IsMeasured) reason ??= $"case {index}: {score.Reason}";
                return score.Value ?? double.NaN;
            }),
        ];
        return new CaseValues(values, reason);
    }
}

/// <summary>What a scorer gave for every case of parent and candidate.</summary>
/// <param name="Parent">The dense parent's; of a scorer that compares the two, the parent's against itself.</param>
/// <param name="Candidate">The candidate's.</param>
public sealed record CaseValuePair(CaseValues Parent, CaseValues Candidate);
