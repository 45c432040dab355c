namespace PruneBuild.Evaluation;

/// <summary>How often parent and candidate score 1 and 0 on the same cases.</summary>
/// <param name="Both">Cases on which both score 1 (a); fractions are those of a planned sample.</param>
/// <param name="ParentOnly">Cases on which only the parent does (b).</param>
/// <param name="CandidateOnly">Cases on which only the candidate does (c).</param>
/// <param name="Cases">All cases (n).</param>
internal readonly record struct PairedCounts(double Both, double ParentOnly, double CandidateOnly, double Cases)
{
    /// <summary>Share of cases on which the parent scores 1.</summary>
    public double Parent => (Both + ParentOnly) / Cases;

    /// <summary>Share of cases on which the candidate scores 1.</summary>
    public double Candidate => (Both + CandidateOnly) / Cases;

    /// <summary>Parent minus candidate.</summary>
    public double Drop => (ParentOnly - CandidateOnly) / Cases;

    /// <summary>Counts binary scores on some cases.</summary>
    public static PairedCounts Of(MeanMeasurement measurement, ReadOnlySpan<int> cases)
    {
        int both = 0, parentOnly = 0, candidateOnly = 0;
        foreach (var index in cases)
        {
            var (before, after) = (measurement.ParentScores[index] == 1, measurement.CandidateScores[index] == 1);
            if (before && after) both++;
            else if (before) parentOnly++;
            else if (after) candidateOnly++;
        }
        return new PairedCounts(both, parentOnly, candidateOnly, cases.Length);
    }

    /// <summary>The counts of 1 minus the score: of right answers where the score says what is wrong.</summary>
    public PairedCounts Complement() => new(Cases - Both - ParentOnly - CandidateOnly, CandidateOnly, ParentOnly, Cases);

    /// <summary>The counts of a sample that is larger by a factor and otherwise the same.</summary>
    public PairedCounts Scaled(double factor) => new(factor * Both, factor * ParentOnly, factor * CandidateOnly, factor * Cases);

    /// <summary>The cases that are in <paramref name="all"/> but not here.</summary>
    public PairedCounts RestOf(PairedCounts all) => new(all.Both - Both, all.ParentOnly - ParentOnly, all.CandidateOnly - CandidateOnly, all.Cases - Cases);
}
