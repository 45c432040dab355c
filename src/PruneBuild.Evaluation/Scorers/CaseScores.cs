namespace PruneBuild.Evaluation.Scorers;

/// <summary>The scores of one scorer on every case.</summary>
/// <param name="Cases">One score a case, in the order of the cases.</param>
public sealed record CaseScores(IReadOnlyList<Score> Cases)
{
    /// <summary>Scores every case.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">As <see cref="ICaseScorer{TCase}.Measure"/>.</exception>
    public static CaseScores Of<TCase>(ICaseScorer<TCase> scorer, IReadOnlyList<TCase> cases)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        ArgumentNullException.ThrowIfNull(cases);
        return new CaseScores([.. cases.Select(scorer.Measure)]);
    }

    /// <summary>One number a case, for paired statistics; null when a case has none, since a mean over the rest would hide it.</summary>
    public double[]? Values => Cases.All(score => score.IsMeasured) ? [.. Cases.Select(score => score.Value!.Value)] : null;

    /// <summary>The mean over all cases; not measured when there are none or when one of them has no score.</summary>
    public Score Mean
    {
        get
        {
            if (Cases.Count == 0) return Score.NotMeasured("no cases");
            for (var i = 0; i < Cases.Count; i++)
            {
                if (!Cases[i].IsMeasured) return Score.NotMeasured($"case {i}: {Cases[i].Reason}");
            }
            return Score.Of(Cases.Average(score => score.Value!.Value));
        }
    }

    /// <summary>The mean over any drawing of the cases, for a bootstrap beside scorers of whole samples.</summary>
    public PreparedSample AsSample()
    {
        if (Values is not { } values) return PreparedSample.NotMeasured(Cases.Count, Mean.Reason!);
        return new PreparedSample(values.Length, drawn =>
        {
            var sum = 0.0;
            foreach (var i in drawn) sum += values[i];
            return Score.Of(sum / drawn.Length);
        });
    }
}
