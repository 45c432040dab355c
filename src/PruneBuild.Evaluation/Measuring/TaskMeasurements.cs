using System.Security.Cryptography;
using System.Runtime.InteropServices;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>Measures what the floors of a harness are about, and its own dimensions, by the scorers.</summary>
internal static class TaskMeasurements
{
    /// <summary>One measurement for every name that a floor or a dimension has, in their order.</summary>
    public static IReadOnlyList<Measurement> Of(Harness harness, CaseSet cases, EvaluatedModels models, ScorerInputs inputs, IEvaluationCache cache)
    {
        var known = Dimension.Of(harness.Kind).Select(dimension => dimension.Name).ToHashSet(StringComparer.Ordinal);
        string[] names = [.. harness.Floors.Select(floor => floor.Dimension).Concat(harness.Dimensions.Select(dimension => dimension.Name)).Distinct()];
        var builtIn = inputs is { ParentAnswers: { } parent, CandidateAnswers: { } candidate }
            ? ClassificationMeasurements.Of(cases, parent, candidate, dimension => known.Contains(dimension.Name) && names.Contains(dimension.Name))
            : [];
        var scored = new Dictionary<string, ScoredPart>(StringComparer.Ordinal);
        return [.. names.Select(name => builtIn.FirstOrDefault(one => one.Dimension.Name == name) ?? Measure(name))];

        Measurement Measure(string name) => Checks(name) ?? (harness.Dimensions.FirstOrDefault(dimension => dimension.Name == name) is { } own
            ? ScoredPart.Combine(own, [.. own.Scorers.Select(part => Part(part.Scorer))])
            : Part(name).ToMeasurement());

        // What is made of the checks of single cases: all of a case, or those that count for a dimension.
        MeanMeasurement? Checks(string name)
        {
            if (harness.Kind != TaskKind.Generation) return null;
            if (name == Dimension.Checks.Name) return Mean(Dimension.Checks, name, inputs.Writing.HasAnyChecks, inputs.Writing.AllChecks);
            return harness.Dimensions.FirstOrDefault(dimension => dimension.Name == name) is { Scorers.Count: 0 } own
                ? Mean(FloorSubjects.Of(own), $"checks|{own.Definition}", inputs.Writing.HasChecks(name), () => inputs.Writing.Checks(own))
                : null;
        }

        MeanMeasurement Mean(Dimension dimension, string identity, bool[] applies, Func<CaseValuePair> measure)
        {
            var values = cache.Scores(identity, measure);
            return new MeanMeasurement(dimension, values.Parent.Values, values.Candidate.Values) { Definition = identity, Applies = applies, Reason = values.Candidate.Reason ?? values.Parent.Reason };
        }

        ScoredPart Part(string name)
        {
            if (scored.TryGetValue(name, out var part)) return part;
            var scorer = FloorSubjects.Find(name, harness.OwnScorers, harness.Judges)!;
            if (scorer is JudgeScorer { Judge: var judge })
            {
                var judged = models.Judges?.Invoke(judge) ?? JudgedModels.Invalid(new JudgeStatement { Name = judge.Name, Model = judge.Spec.Model, Pin = judge.Pin, Faults = ["nobody asked it"] });
                return scored[name] = new ScoredPart(scorer, $"{name}|{judge.Pin}") { Judged = judged };
            }
            var identity = Identity(scorer, harness, cases, models);
            if (scorer is ArtifactBytes) return scored[name] = ScoredPart.Exact(scorer, identity, models.Bytes);
            if (IsOfSamples(scorer))
            {
                var (before, after) = inputs.OnSample(scorer);
                return scored[name] = new ScoredPart(scorer, identity) { Parent = before, Candidate = after, Applies = Applies(scorer) };
            }
            var values = scorer is ICaseScorer<double> ? inputs.OnCases(scorer)! : cache.Scores(identity, () => inputs.OnCases(scorer)!);
            return scored[name] = new ScoredPart(scorer, identity) { Values = values, Applies = Applies(scorer) };
        }

        bool[]? Applies(IScorer scorer) => scorer is ICaseScorer<TextPair> or ISampleScorer<TextPair> ? inputs.Writing.HasReferences : null;
    }

    // A scorer's own version is that of the tool; a user's is that of the assembly, and it sees the names of the cases.
    private static string Identity(IScorer scorer, Harness harness, CaseSet cases, EvaluatedModels models) => scorer switch
    {
        CustomScorer => $"{scorer.Name}|{harness.OwnScorers!.Hash}|{CaseKeys.Ids(cases)}",
        ArtifactBytes => $"{scorer.Name}|{models.Bytes}",
        ICaseScorer<double> or ISampleScorer<double> => $"{scorer.Name}|{HashOf(models.Times())}",
        _ => scorer.Name,
    };

    private static bool IsOfSamples(IScorer scorer) => scorer is ISampleScorer<double> or ISampleScorer<ClassificationCase> or ISampleScorer<LogitPair>
        or ISampleScorer<RegressionCase> or ISampleScorer<EmbeddingPair> or ISampleScorer<LanguageModelCase> or ISampleScorer<TextPair> or ISampleScorer<LengthPair>;

    private static string HashOf(CaseTimes times) =>
        Convert.ToHexStringLower(SHA256.HashData([.. MemoryMarshal.AsBytes(times.Parent.AsSpan()), .. MemoryMarshal.AsBytes(times.Candidate.AsSpan())]))[..16];
}
