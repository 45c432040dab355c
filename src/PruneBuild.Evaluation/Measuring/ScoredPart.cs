using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>What one scorer says of parent and candidate: of every case, of any sample of cases, or of the models as a whole.</summary>
/// <param name="Scorer">The scorer.</param>
/// <param name="Identity">Its name and version, and what it looks at beside outputs and cases.</param>
internal sealed record ScoredPart(IScorer Scorer, string Identity)
{
    /// <summary>Of a scorer of cases.</summary>
    public CaseValuePair? Values { get; init; }

    /// <summary>Of a scorer of samples: the dense parent's.</summary>
    public PreparedSample? Parent { get; init; }

    /// <summary>Of a scorer of samples: the candidate's.</summary>
    public PreparedSample? Candidate { get; init; }

    /// <summary>Which cases say something; null for all.</summary>
    public bool[]? Applies { get; init; }

    /// <summary>Of a judge: what it said.</summary>
    public JudgedModels? Judged { get; init; }

    /// <summary>Of what depends on no case.</summary>
    public (Score Parent, Score Candidate)? Whole { get; init; }

    /// <summary>A number of the models as a whole.</summary>
    public static ScoredPart Exact(IScorer scorer, string identity, (long Parent, long Candidate)? numbers)
    {
        var unknown = Score.NotMeasured("nobody knows it");
        return new ScoredPart(scorer, identity) { Whole = numbers is var (parent, candidate) ? (Score.Of(parent), Score.Of(candidate)) : (unknown, unknown) };
    }

    /// <summary>The scorer alone.</summary>
    public Measurement ToMeasurement()
    {
        var dimension = FloorSubjects.Of(Scorer);
        if (Judged is { } judged) return judged.Fault is { } fault ? Unjudged(dimension, fault) : new JudgedMeasurement(dimension, [Term(1)]) { Definition = Identity };
        if (Whole is var (before, after)) return new ExactMeasurement(dimension, before, after) { Definition = Identity };
        if (Values is { } values) return new MeanMeasurement(dimension, values.Parent.Values, values.Candidate.Values) 
            { Definition = Identity, Applies = Applies, Reason = values.Candidate.Reason ?? values.Parent.Reason };
        return new MetricMeasurement(dimension, Parent!.Resampled(), Candidate!.Resampled())
        {
            Definition = Identity,
            Applies = Applies,
            Signature = Candidate.Signature,
            ReasonOn = cases => Parent.Measure(cases).Reason ?? Candidate.Measure(cases).Reason,
        };
    }

    /// <summary>Several scorers as one dimension: of every case where all of them are, else of samples.</summary>
    public static Measurement Combine(ScoredDimension own, IReadOnlyList<ScoredPart> parts)
    {
        var dimension = FloorSubjects.Of(own);
        var definition = string.Join('|', parts.Select(part => part.Identity).Prepend(own.Definition));
        var applies = All(parts);
        if (parts.Any(part => part.Judged is not null)) return CombineJudged(dimension, parts, definition, applies);
        if (parts.All(part => part.Whole is not null))
            return new ExactMeasurement(dimension, own.Measure(Named(parts, part => part.Whole!.Value.Parent)), own.Measure(Named(parts, part => part.Whole!.Value.Candidate))) { Definition = definition };
        if (parts.All(part => part.Values is not null))
        {
            var cases = Enumerable.Range(0, parts[0].Values!.Parent.Values.Length);
            var parent = CaseValues.Of(cases.Select(i => own.Measure(Named(parts, part => part.Values!.Parent[i]))));
            var candidate = CaseValues.Of(cases.Select(i => own.Measure(Named(parts, part => part.Values!.Candidate[i]))));
            return new MeanMeasurement(dimension, parent.Values, candidate.Values) { Definition = definition, Applies = applies, Reason = candidate.Reason ?? parent.Reason };
        }
        Score On(ReadOnlySpan<int> cases, bool ofCandidate)
        {
            var scores = new Dictionary<string, Score>(StringComparer.Ordinal);
            foreach (var part in parts) scores[part.Scorer.Name] = part.On(cases, ofCandidate);
            return own.Measure(scores);
        }

        return new MetricMeasurement(dimension, cases => On(cases, false).Value ?? double.NaN, cases => On(cases, true).Value ?? double.NaN)
        {
            Definition = definition,
            Applies = applies,
            ReasonOn = cases => On(cases, false).Reason ?? On(cases, true).Reason,
        };
    }

    private static Measurement CombineJudged(Dimension dimension, IReadOnlyList<ScoredPart> parts, string definition, bool[]? applies)
    {
        if (parts.Select(part => part.Judged?.Fault).FirstOrDefault(fault => fault is not null) is { } invalid) return Unjudged(dimension, invalid);
        return new JudgedMeasurement(dimension, [.. parts.Select(part => part.Term(1.0 / parts.Count))])
        {
            Definition = definition,
            Applies = applies,
            Reason = parts.Select(part => part.Values?.Candidate.Reason ?? part.Values?.Parent.Reason).FirstOrDefault(reason => reason is not null),
        };
    }

    private static ExactMeasurement Unjudged(Dimension dimension, string fault) =>
        new(dimension, Score.NotMeasured(fault), Score.NotMeasured(fault)) { JudgeFault = fault };

    private JudgedTerm Term(double weight) => Judged is { } judged
        ? new JudgedTerm(weight, judged.Parent, judged.Candidate, judged.ParentCorrection, judged.CandidateCorrection)
        : new JudgedTerm(weight, Values!.Parent.Values, Values.Candidate.Values, ScoreCorrection.None, ScoreCorrection.None);

    // A case counts where it says something to every part.
    private static bool[]? All(IReadOnlyList<ScoredPart> parts)
    {
        bool[]? all = null;
        foreach (var applies in parts.Select(part => part.Applies).OfType<bool[]>())
            all = all is null ? applies : [.. all.Zip(applies, (one, other) => one && other)];
        return all;
    }

    private static Dictionary<string, Score> Named(IReadOnlyList<ScoredPart> parts, Func<ScoredPart, Score> score)
    {
        var scores = new Dictionary<string, Score>(StringComparer.Ordinal);
        foreach (var part in parts) scores[part.Scorer.Name] = score(part);
        return scores;
    }

    private Score On(ReadOnlySpan<int> cases, bool ofCandidate)
    {
        if (Whole is var (before, after)) return ofCandidate ? after : before;
        if (Values is null) return (ofCandidate ? Candidate : Parent)!.Measure(cases);
        var values = ofCandidate ? Values.Candidate : Values.Parent;
        var sum = 0.0;
        foreach (var index in cases) sum += values.Values[index];
        return double.IsNaN(sum) ? Score.NotMeasured(values.Reason ?? "nothing was measured") : Score.Of(sum / cases.Length);
    }
}
